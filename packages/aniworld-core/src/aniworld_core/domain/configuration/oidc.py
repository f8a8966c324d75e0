"""Sign-in with an identity provider (OpenID Connect)."""

import enum

import attrs

from aniworld_core.domain.configuration.description import Setting, setting
from aniworld_core.domain.configuration.forms import WEB_ADDRESS


class OtherUsers(enum.StrEnum):
    """Role of users of the provider in none of the listed groups."""

    NONE = "none"  #: may not sign in
    VIEW = "view"
    REQUEST = "request"
    MANAGE = "manage"


@attrs.frozen(kw_only=True)
class OidcConfig:
    """An identity provider whose users may sign in.

    Attributes:
        issuer: Its address; empty means none.
        client_id: Name of this server at the provider.
        client_secret: Secret of this server; empty for a public client, which PKCE protects.
        public_url: Address under which browsers reach this server.
        label: Name of the provider on the sign-in page.
        scopes: Requested scopes besides `openid`.
        groups_claim: Claim of the ID token that lists the groups of a user.
        manage_groups: Groups with the role `manage`.
        request_groups: Groups with the role `request`.
        view_groups: Groups with the role `view`.
        default_role: Role of users in none of these groups; `none` refuses them.
    """

    issuer: str = setting("", Setting(form=WEB_ADDRESS, is_address=True))
    client_id: str = setting("", Setting(is_address=True))
    client_secret: str = setting("", Setting(is_secret=True))
    public_url: str = setting("", Setting(form=WEB_ADDRESS))
    label: str = setting("")
    scopes: tuple[str, ...] = setting(("profile", "groups"), Setting(is_advanced=True))
    groups_claim: str = setting("groups", Setting(is_required=True, is_advanced=True))
    manage_groups: tuple[str, ...] = setting(())
    request_groups: tuple[str, ...] = setting(())
    view_groups: tuple[str, ...] = setting(())
    default_role: OtherUsers = setting(OtherUsers.NONE, Setting(texts="oidc.role"))

    @property
    def is_on(self) -> bool:
        """Whether the settings that a sign-in needs are there."""
        return bool(self.issuer and self.client_id and self.public_url)
