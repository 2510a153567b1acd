"""A room between two people of the API, and one stranger of each role."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from people import Api, ClientAs, Person

from domain.access import Actor, Role
from domain.ids import ClientId, SessionId, TherapistId
from records.rooms import open_room


@dataclass(frozen=True)
class Scene:
    """Who is who; `path` is the room's."""

    room_id: UUID
    client: Person
    therapist: Person
    strangers: dict[Role, Person]

    @property
    def path(self) -> str:
        return f"/v1/rooms/{self.room_id}"


async def set_scene(api: Api, client_as: ClientAs, *, strangers: bool = True) -> Scene:
    """Open the room as its therapist would by accepting an offer. Without strangers it is set sooner."""
    client, therapist = await client_as(Role.CLIENT), await client_as(Role.THERAPIST)
    keeper = Actor(therapist.account_id, Role.THERAPIST, frozenset(), SessionId(uuid4()))
    async with api.care.transaction(keeper) as tx:
        await tx.run("UPDATE clients SET state = 'NY' WHERE id = %s", (client.account_id,))
        room_id = await open_room(tx, ClientId(client.account_id), TherapistId(therapist.account_id))
    return Scene(room_id, client, therapist, {role: await client_as(role) for role in Role if strangers})
