"""One request to a function, after login."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.access.names import All
from bridge.agents.model import AgentSession, AgentState
from bridge.api.vicidial.parameters import Parameters
from bridge.api.vicidial.reply import Answer, error
from bridge.audit.entry import here
from bridge.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """What a function is given: who asks, what for, and the services that can do it."""

    services: Services
    parameters: Parameters
    principal: Principal
    function: str
    epoch: int
    """Unix time of the request, in seconds; printed in replies."""
    told: list[str] = field(default_factory=list)
    """Lines that come before the reply."""
    base_url: Callable[[], str] = str
    """Tells how the caller reaches the bridge, without a slash at the end."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of the reply, beside those that all have."""

    def __getitem__(self, name: str) -> str:
        """A cleaned parameter; empty if it was not sent."""
        return self.parameters[name]

    def names_agent(self, *, agent_user: int = 1, alt_user: int = 2) -> bool:
        """Whether `agent_user` or `alt_user` has at least this many characters."""
        return len(self["agent_user"]) >= agent_user or len(self["alt_user"]) >= alt_user

    def has_rights(self) -> bool:
        """Whether the caller has what the function asks for beside its place in her list."""
        try:
            self.services.access.authorize(self.principal, self.function)
        except Forbidden:
            return False
        return True

    def check_permission(self, *fields: str) -> None:
        """End with the format's line unless the function is in the caller's list.

        Args:
            fields: what the line prints before the user: mostly `value`.
        """
        if not self.services.access.may_call(self.principal, self.function):
            here().refuse("function")
            why = "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION"
            who = (self.principal.user, self.function, self.principal.group)
            raise Answer(error(why, *fields, *who))

    def check_limits(
        self, *, agent: str | None = None, campaign: str | None = None, lead_list: int | All | None = None
    ) -> None:
        """Whether the caller's own limits allow it (`Forbidden`); the format has none for its group here."""
        self.services.access.check_limits(
            self.principal, self.function, agent=agent, campaign=campaign, lead_list=lead_list
        )

    async def own_session(self) -> AgentSession:
        """The session of `agent_user`, for functions that take no `alt_user`."""
        return await self._session(self["agent_user"])

    async def session(self, *fields: str) -> AgentSession:
        """The session of the agent that is meant; `alt_user` wins over `agent_user`.

        An `alt_user` that nobody has is told, and then `agent_user` is tried all the same, as in the
        original: the reply has both lines.

        Args:
            fields: what these lines print before the agent: mostly nothing.
        """
        user = self["agent_user"]
        if len(self["alt_user"]) > 1:
            found = await self.services.access.by_crm_id(self["alt_user"])
            if found is None:
                self.told.append(error("no user found", *fields, self["alt_user"]))
            else:
                user = found.user
        return await self._session(*fields, user)

    async def _session(self, *fields: str) -> AgentSession:
        user = fields[-1]
        here().on_agent(user)
        self.check_limits(agent=user)
        session = await self.services.agents.session(user)
        if session is not None:
            self.check_limits(campaign=session.campaign)
        if session is None or session.state is AgentState.CONNECTING:  # her phone still rings
            raise Answer(not_logged_in(*fields), ends_page=False)
        return session

    def address(self, agent: AgentSession) -> str:
        """Address of the agent's Asterisk, as replies print it."""
        return self.services.options.addresses.get(agent.asterisk, agent.asterisk)


def not_logged_in(*fields: str) -> str:
    """The line for an agent without a session; her name is the last of its fields."""
    return error("agent_user is not logged in", *fields)
