"""Signing in, devices, the passcode."""

from domain.access import Role


async def test_a_person_signs_in_and_reads_who_they_are(api, client_as) -> None:
    for role in Role:
        person = await client_as(role)
        me = (await person.http.get("/v1/me")).json()
        assert me["role"] == role
