"""Rules for master passwords."""

import unicodedata

import attrs

from aniworld_core.messages import Message

#: Common passwords that satisfy the composition rules.
_COMMON = frozenset(
    {
        "password1!",
        "passw0rd!",
        "p@ssw0rd",
        "p@ssword1",
        "qwerty123!",
        "welcome1!",
        "welcome123!",
        "admin123!",
        "letmein1!",
        "abc123!@#",
        "iloveyou1!",
        "monkey123!",
        "dragon123!",
        "football1!",
        "sunshine1!",
        "princess1!",
        "changeme1!",
        "test1234!",
        "password123!",
        "aa123456!",
        "1qaz@wsx",
        "qwer1234!",
        "hello123!",
        "summer2024!",
        "winter2024!",
        "aniworld1!",
        "anime123!",
    }
)


@attrs.frozen(kw_only=True)
class PasswordPolicy:
    """At least 8 characters, both cases, a digit, a special character; no common password.

    The upper limit counts bytes and protects the hash function; no password is truncated.
    """

    min_length: int = 8
    max_bytes: int = 1024

    def is_too_long(self, password: str) -> bool:
        """Return whether the password exceeds the limit of bytes to hash."""
        return len(password.encode("utf-8", "surrogatepass")) > self.max_bytes

    def violations(self, password: str) -> tuple[str, ...]:
        """Return every broken rule in a fixed order; empty if the password is acceptable."""
        broken = (
            (len(password) < self.min_length, Message("password_too_short", limit=self.min_length)),
            (self.is_too_long(password), Message("password_too_long", limit=self.max_bytes)),
            (not any(c.isupper() for c in password), Message("password_upper")),
            (not any(c.islower() for c in password), Message("password_lower")),
            (not any(c.isdigit() for c in password), Message("password_digit")),
            (all(c.isalnum() or c.isspace() for c in password), Message("password_special")),
            (password.casefold() in _COMMON, Message("password_common")),
        )
        return tuple(rule for is_broken, rule in broken if is_broken)


def normal_form(password: str) -> str:
    """Return the Unicode form in which a password is hashed: NFC.

    The same keystrokes give composed characters on one system and decomposed ones on another.
    RFC 8265 section 4.2.2 requires NFC.
    """
    return unicodedata.normalize("NFC", password)


def hashed_forms(password: str) -> tuple[str, ...]:
    """Return the Unicode forms that a stored hash may have been made of, NFC first.

    Earlier versions hashed the text as it was typed.
    """
    forms = (normal_form(password), password, unicodedata.normalize("NFD", password))
    return tuple(dict.fromkeys(forms))
