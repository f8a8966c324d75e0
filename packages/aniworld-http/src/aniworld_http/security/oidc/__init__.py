"""Sign-in with an identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE.

`Provider` speaks with the provider and checks its ID tokens; `OidcSignIn` remembers what a browser
began, and gives users accounts. `joserfc` is imported at the first ID token.
"""

from aniworld_http.security.oidc.provider import Identity, Provider
from aniworld_http.security.oidc.sign_in import OIDC, STATE_COOKIE, OidcSignIn

__all__ = ["OIDC", "STATE_COOKIE", "Identity", "OidcSignIn", "Provider"]
