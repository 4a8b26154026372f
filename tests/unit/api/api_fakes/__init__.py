"""The services of the APIs, in memory: they record each command that they carry out."""

from api_fakes.crm import SECRET, crm
from api_fakes.http import basic, client
from api_fakes.world import World, load_world

__all__ = ["SECRET", "World", "basic", "client", "crm", "load_world"]
