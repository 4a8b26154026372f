"""Users in memory, with the bridge's own `authorize`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from bridge.access.authorize import authorize, check_limits, may_call, standing
from bridge.access.console_model import ConsoleLink, ConsoleLogin, ConsoleSession
from bridge.access.errors import NoSuchKey, NoSuchUser, UserExists
from bridge.access.keys import Key, NewKey
from bridge.access.model import (
    ALL_RIGHTS,
    Authentication,
    GroupScope,
    Principal,
    PrincipalKind,
    Reason,
    UserSpec,
)
from bridge.access.names import parse_names
from bridge.access.throttle import Throttle
from bridge.access.tokens import CONSOLE_PREFIX, KEY_PREFIX, LINK_PREFIX, LONG, new_token


class FakeKeys:
    """Keys in memory."""

    def __init__(self) -> None:
        self.made: dict[str, Key] = {}
        self.tokens: dict[str, str] = {}

    async def make(self, user: str, name: str, expires_at: datetime | None) -> NewKey:
        token = new_token(KEY_PREFIX)
        key = Key(id=token[:12], user=user, name=name, created_at=datetime.now(UTC), expires_at=expires_at)
        self.made[key.id] = key
        self.tokens[token] = key.id
        return NewKey(key=key, token=token)

    async def of_user(self, user: str) -> Sequence[Key]:
        return [key for key in self.made.values() if key.user == user]

    async def replace(self, user: str, key_id: str, overlap: timedelta) -> NewKey:
        old = await self._good(user, key_id)
        self.made[key_id] = msgspec.structs.replace(old, expires_at=datetime.now(UTC) + overlap)
        return await self.make(user, old.name, old.expires_at)

    async def revoke(self, user: str, key_id: str) -> Key:
        key = await self._good(user, key_id)
        self.made[key_id] = msgspec.structs.replace(key, revoked_at=datetime.now(UTC))
        return self.made[key_id]

    async def is_good(self, key_id: str) -> bool:
        return key_id in self.made and self.made[key_id].is_good(datetime.now(UTC))

    async def _good(self, user: str, key_id: str) -> Key:
        key = self.made.get(key_id)
        if key is None or key.user != user or not key.is_good(datetime.now(UTC)):
            raise NoSuchKey(user, key_id)
        return key


class FakeConsole:
    """Sessions of agents' pages in memory; a password is right if it is the one that is kept."""

    def __init__(self, users: dict[str, Principal]) -> None:
        self.passwords: dict[str, str] = {}
        self.sessions: dict[str, ConsoleSession] = {}
        self.links: dict[str, str] = {}
        self.tries: list[tuple[str, str]] = []
        self._users = users

    async def set_password(self, user: str, password: str) -> None:
        if user not in self._users:
            raise NoSuchUser(user)
        self.passwords[user] = password
        await self.end_all(user)

    async def log_in(self, user: str, password: str, address: str) -> ConsoleLogin:
        self.tries.append((user, address))
        agent = self._users.get(user)
        if agent is None or self.passwords.get(user) != password:
            return ConsoleLogin(reason=Reason.BAD)
        if standing(agent, datetime.now(UTC)) is not None:
            return ConsoleLogin(reason=Reason.INACTIVE)
        token = new_token(CONSOLE_PREFIX, LONG)
        session = self.begin(user, token)
        return ConsoleLogin(reason=Reason.GOOD, session=session, agent=self.agent(session), token=token)

    async def make_link(self, user: str, lasts: timedelta) -> ConsoleLink:
        if user not in self._users:
            raise NoSuchUser(user)
        link = ConsoleLink(token=new_token(LINK_PREFIX, LONG), user=user, ends_at=datetime.now(UTC) + lasts)
        self.links = {link.token: user}
        return link

    async def log_in_by_link(self, token: str, address: str) -> ConsoleLogin:
        user = self.links.pop(token, "")
        self.tries.append((user, address))
        if not user:
            return ConsoleLogin(reason=Reason.BAD)
        fresh = new_token(CONSOLE_PREFIX, LONG)
        session = self.begin(user, fresh)
        return ConsoleLogin(reason=Reason.GOOD, session=session, agent=self.agent(session), token=fresh)

    def begin(self, user: str, token: str) -> ConsoleSession:
        now = datetime.now(UTC)
        session = ConsoleSession(
            id=f"console-{len(self.sessions)}", user=user, made_at=now, ends_at=now + timedelta(hours=12)
        )
        self.sessions[token] = session
        return session

    def agent(self, session: ConsoleSession) -> Principal:
        return msgspec.structs.replace(self._users[session.user], console=session.id)

    async def is_good(self, session: str) -> bool:
        return any(one.id == session for one in self.sessions.values())

    async def end(self, token: str) -> None:
        self.sessions.pop(token, None)

    async def end_all(self, user: str) -> int:
        hers = [token for token, one in self.sessions.items() if one.user == user]
        for token in hers:
            del self.sessions[token]
        return len(hers)


class FakeAccess:
    def __init__(self, users: list[dict[str, Any]], groups: Mapping[str, dict[str, str]]) -> None:
        self.scopes = {name: _scope(group) for name, group in groups.items()}
        self.users_by_name = {user["user"]: self._principal(user) for user in users}
        self.secrets: dict[str, str] = {user["user"]: user["secret"] for user in users}
        self.asked: list[str] = []
        self.locked = {user["user"] for user in users if user.get("locked")}
        self.teams: dict[str, str] = {}
        self.keys = FakeKeys()
        self.throttle = Throttle()
        self.console = FakeConsole(self.users_by_name)

    async def in_console(self, token: str, address: str) -> tuple[Principal, ConsoleSession] | None:
        session = self.console.sessions.get(token)
        if session is None or standing(self.users_by_name[session.user], datetime.now(UTC)) is not None:
            return None
        agent = self.console.agent(session)
        self.throttle.admit(agent, address)
        return agent, session

    def authorize(
        self,
        principal: Principal,
        function: str,
        *,
        agent: Principal | None = None,
        campaign: str | None = None,
    ) -> None:
        authorize(principal, function, agent=agent, campaign=campaign, now=datetime.now(UTC))

    check_limits = staticmethod(check_limits)
    may_call = staticmethod(may_call)

    def _principal(self, user: dict[str, Any]) -> Principal:
        return Principal(
            user=user["user"],
            kind=PrincipalKind(user.get("kind", "api")),
            group=user["group"],
            level=user["level"],
            active=user.get("active", True),
            api_access=user.get("api_access", True),
            functions=parse_names(user.get("functions", "ALL")),
            rights=ALL_RIGHTS if user.get("rights", True) and user["level"] > 1 else {},
            crm_id=user.get("crm_id", ""),
            manual_dial=user.get("manual_dial", True),
            scope=self.scopes.get(user["group"]),
        )

    async def authenticate(self, user: str, secret: str, address: str = "") -> Authentication:
        self.asked.append(f"{user} from {address}")
        if key := self.keys.made.get(self.keys.tokens.get(secret, "")):
            if user not in ("", key.user) or not key.is_good(datetime.now(UTC)):
                return Authentication(reason=Reason.BAD)
            principal = msgspec.structs.replace(self.users_by_name[key.user], key=key.id)
            self.throttle.admit(principal, address)
            return Authentication(reason=Reason.GOOD, principal=principal, api_access=True)
        found = self.users_by_name.get(user)
        if found is None:
            return Authentication(reason=Reason.BAD)
        reason = self._reason(found, secret)
        if reason is not Reason.GOOD:
            return Authentication(reason=reason, api_access=found.api_access)
        self.throttle.admit(found, address)
        return Authentication(reason=reason, principal=found, api_access=found.api_access)

    def _reason(self, found: Principal, secret: str) -> Reason:
        if found.user in self.locked:
            return Reason.LOCK
        if self.secrets[found.user] != secret:
            return Reason.BAD
        if standing(found, datetime.now(UTC)) is not None:
            return Reason.INACTIVE
        return Reason.GOOD if found.api_access else Reason.NOAPI

    async def principal(self, user: str) -> Principal | None:
        return self.users_by_name.get(user)

    async def by_crm_id(self, crm_id: str) -> Principal | None:
        return next((user for user in self.users_by_name.values() if user.crm_id == crm_id), None)

    async def set_team(self, user: str, team: str) -> None:
        self._known(user)
        self.teams[user] = team

    async def users(
        self, kinds: Iterable[PrincipalKind], *, after: str = "", limit: int = 1000, remote: bool = False
    ) -> Sequence[Principal]:
        wanted = set(kinds)
        found = [user for name, user in sorted(self.users_by_name.items()) if name > after]
        return [user for user in found if user.kind in wanted and (user.remote or not remote)][:limit]

    async def create(self, spec: UserSpec, secret: str | None = None) -> Principal:
        if spec.user in self.users_by_name:
            raise UserExists(spec.user)
        self.secrets[spec.user] = secret or ""
        return await self._put(spec)

    async def change(self, spec: UserSpec) -> Principal:
        self._known(spec.user)
        return await self._put(spec)

    async def alter(
        self, user: str, change: Callable[[Principal], UserSpec], secret: str | None = None
    ) -> Principal:
        self._known(user)
        spec = change(self.users_by_name[user])
        if secret is not None:
            self.secrets[user] = secret
        return await self._put(spec)

    async def set_active(self, user: str, *, active: bool) -> Principal:
        self._known(user)
        stopped = "" if active else self.users_by_name[user].stopped
        changed = replace(self.users_by_name[user], active=active, stopped=stopped)
        self.users_by_name[user] = changed
        return changed

    async def new_secret(self, user: str, secret: str | None = None) -> str:
        self._known(user)
        self.secrets[user] = secret or "fresh-secret"
        return self.secrets[user]

    async def new_key(self, user: str, name: str, expires_at: datetime | None = None) -> NewKey:
        self._known(user)
        return await self.keys.make(user, name, expires_at)

    async def remove(self, user: str) -> None:
        self._known(user)
        del self.users_by_name[user]

    async def _put(self, spec: UserSpec) -> Principal:
        values = {name: getattr(spec, name) for name in spec.__struct_fields__}
        scope = self.scopes.get(spec.group)
        self.users_by_name[spec.user] = Principal(**values, scope=scope and scope.within(spec.limits))
        return self.users_by_name[spec.user]

    def _known(self, user: str) -> None:
        if user not in self.users_by_name:
            raise NoSuchUser(user)


def _scope(group: dict[str, str]) -> GroupScope:
    return GroupScope(campaigns=parse_names(group["campaigns"]), groups=parse_names(group["groups"]))
