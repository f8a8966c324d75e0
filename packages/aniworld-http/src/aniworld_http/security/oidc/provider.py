"""An identity provider: its discovery document, keys, tokens and identities."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import attrs
import msgspec

from aniworld_core.domain.configuration import OidcConfig
from aniworld_core.errors import ProviderSignInError, shown_link
from aniworld_core.messages import Message, os_reason
from aniworld_core.ports.clock import Clock

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

#: Signatures with a public key. None is a shared secret, so that no public key can serve as one.
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
#: Seconds by which the clocks of both servers may differ.
_LEEWAY: Final = 60
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_LARGEST_ANSWER: Final = 256 * 1024
_PART: Final = 16 * 1024
#: Most characters of an error of another library.
_LONGEST: Final = 200


@attrs.frozen(kw_only=True)
class Identity:
    """A user as the provider describes them.

    Attributes:
        issuer: The provider.
        subject: Id of the user there; never given to another one.
        name: Name for people.
        groups: Groups of the user.
    """

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...]


@attrs.define(eq=False)
class Provider:
    """The provider of a configuration.

    All requests go to the host of the issuer, which the owner has configured, so no answer of it
    can lead them to another address. Redirects are not followed.
    """

    config: OidcConfig
    _clock: Clock
    _found: Mapping[str, Any] = attrs.field(factory=dict, init=False)
    _keys: Mapping[str, Any] = attrs.field(factory=dict, init=False)

    @property
    def label(self) -> str:
        """Name of the provider."""
        return self.config.label or urlsplit(self.config.issuer).hostname or self.config.issuer

    @property
    def redirect_uri(self) -> str:
        """Address to which the provider sends browsers back."""
        return self.config.public_url.rstrip("/") + "/login"

    async def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """Return the address at which a browser signs in.

        Raises:
            ProviderSignInError: If the provider cannot be reached, or describes itself wrongly.
        """
        found = await self._discover()
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(("openid", *self.config.scopes)),
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        endpoint = found["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def identity(self, code: str, verifier: str, nonce: str, issuer: str | None) -> Identity:
        """Exchange a code for the identity of the user.

        Args:
            code: The code that the browser brought.
            verifier: The PKCE verifier of this sign-in (RFC 7636).
            nonce: The nonce of this sign-in.
            issuer: The issuer that the answer named (RFC 9207), if any.

        Raises:
            ProviderSignInError: If the provider refuses the code, or its ID token is not valid.
        """
        found = await self._discover()
        names_issuer = found.get("authorization_response_iss_parameter_supported") is True
        if issuer != found["issuer"] and (issuer is not None or names_issuer):
            raise self._failed("oidc_claim", name="iss")
        answer = await self._exchange(found, code, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise self._failed("oidc_no_token")
        claims = await self._claims(found, token)
        if claims.get("nonce") != nonce:
            raise self._failed("oidc_claim", name="nonce")
        names = (claims.get(name) for name in ("preferred_username", "name", "email"))
        subject = claims["sub"]
        return Identity(
            issuer=found["issuer"],
            subject=subject,
            name=next((name for name in names if isinstance(name, str) and name), subject),
            groups=_texts(claims.get(self.config.groups_claim)),
        )

    async def check(self) -> None:
        """Check that users could be sent to the provider and its answers be verified.

        Whether it accepts the client and its secret shows only at a sign-in.

        Raises:
            ProviderSignInError: If it cannot be reached, describes itself wrongly, or has no key
                for signatures; or if a setting that a sign-in needs is empty.
        """
        found = await self._discover()
        described = (await self._get(found["jwks_uri"])).get("keys")
        if not isinstance(described, list) or not _public_keys(described).keys:
            raise self._failed("oidc_no_keys")
        if not self.config.is_on:
            raise self._failed("oidc_incomplete")

    async def _discover(self) -> Mapping[str, Any]:
        """Return the discovery document (OpenID Connect Discovery 1.0, section 4)."""
        if self._found:
            return self._found
        issuer = self.config.issuer
        found = await self._get(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
            raise self._failed(
                "oidc_other_issuer", found=str(found.get("issuer"))[:100], issuer=shown_link(issuer)
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if _origin(found.get(name)) != _origin(issuer):
                raise self._failed("oidc_endpoint_elsewhere", name=name)
        self._found = found
        return found

    async def _exchange(
        self, found: Mapping[str, Any], code: str, verifier: str
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        config = self.config
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if config.client_secret and "client_secret_basic" in methods:
            # RFC 6749 section 2.3.1: both parts are form-encoded first.
            pair = f"{quote_plus(config.client_id)}:{quote_plus(config.client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = config.client_id
            if config.client_secret:
                form["client_secret"] = config.client_secret
        status, answer = await self._ask("POST", found["token_endpoint"], form, headers)
        if status != 200:
            detail = str(answer.get("error", status))[:100]
            raise self._failed("oidc_code", detail=detail)
        return answer

    async def _claims(self, found: Mapping[str, Any], token: str) -> Mapping[str, Any]:
        """Return the claims of an ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""
        # Imported here, because only installations with a provider need it.
        from joserfc import jwt
        from joserfc.errors import (
            ExpiredTokenError,
            InvalidClaimError,
            JoseError,
            MissingClaimError,
        )

        for is_last in (False, True):
            if not self._keys or is_last:
                self._keys = await self._get(found["jwks_uri"])
            try:
                keys = _public_keys(self._keys.get("keys", ()))
                claims = jwt.decode(token, keys, algorithms=list(_ALGORITHMS)).claims
                break
            except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
                # The provider may have new keys; they are requested once.
                if is_last:
                    raise self._failed("oidc_signature") from error
        client = self.config.client_id
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": found["issuer"]},
            aud={"essential": True, "value": client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            rules.validate(claims)
        except ExpiredTokenError as error:
            raise self._failed("oidc_expired") from error
        except (InvalidClaimError, MissingClaimError) as error:
            raise self._failed("oidc_claim", name=str(error.description)[:100]) from error
        except (JoseError, ValueError, TypeError) as error:
            raise self._failed("oidc_claim", name=type(error).__name__) from error
        if not isinstance(claims["sub"], str):
            raise self._failed("oidc_claim", name="sub")
        if claims.get("azp", client) != client:
            raise self._failed("oidc_claim", name="azp")
        return claims

    async def _get(self, address: str) -> dict[str, Any]:
        status, answer = await self._ask("GET", address, None, {})
        if status != 200:
            raise self._failed("oidc_bad_answer", address=shown_link(address), status=status)
        return answer

    async def _ask(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> tuple[int, dict[str, Any]]:
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as session,
                session.request(
                    method,
                    address,
                    data=form,
                    headers={"Accept": "application/json", **headers},
                    allow_redirects=False,
                ) as response,
            ):
                body = await _body_of(response)
                status = response.status
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise self._failed(
                "oidc_unreachable", address=shown_link(address), detail=_cause(error)
            ) from error
        try:
            answer = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise self._failed(
                "oidc_bad_answer", address=shown_link(address), status=status
            ) from error
        return status, answer

    def _failed(self, kind: str, **values: str | int) -> ProviderSignInError:
        return ProviderSignInError(self.label, Message(kind, **values))


def _cause(error: Exception) -> str:
    """Return why a request had no answer."""
    match error:
        case TimeoutError():
            return Message("no_answer_within", waited_seconds=_TIMEOUT.total)
        case aiohttp.ClientConnectorDNSError():
            return Message("host_unknown", host=error.host)
        case aiohttp.ClientConnectorCertificateError():
            reason = getattr(error.certificate_error, "verify_message", "")
            return Message("certificate_untrusted", reason=reason or Message("no_reason_given"))
        case aiohttp.ClientConnectorError():
            return os_reason(error.os_error)
    return str(error)[:_LONGEST]


async def _body_of(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for part in response.content.iter_chunked(_PART):
        body += part
        if len(body) > _LARGEST_ANSWER:
            raise ValueError("the answer is too large")
    return body


def _public_keys(described: Iterable[Mapping[str, Any]]) -> "KeySet":
    """Return the keys for signatures that are understood; others are ignored (RFC 7517 section 5).

    A provider may have keys of other kinds beside the one that signs.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    keys = []
    for each in described:
        if each.get("kty") == "oct" or each.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key(dict(each))
            key.public_key  # noqa: B018 - it is read only now
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        keys.append(key)
    return KeySet(keys)


def _origin(address: object) -> tuple[str, str, int | None] | None:
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, (parts.hostname or "").casefold(), port


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(each for each in values if isinstance(each, str))
