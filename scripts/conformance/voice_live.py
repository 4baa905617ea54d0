"""
Holds a session of Azure Voice Live with Microsoft's own client, `azure-ai-voicelive`. It reads what it does not know as a bare
`ServerEvent`, and a field that is missing as None, both without an error: so each event, and each model in it, must be of a class
of its own, and have all its required fields. Usage: voice_live.py URL PLAN, as of openai_types.py. Prints one line of JSON.
"""

import asyncio
import json
import sys

from azure.ai.voicelive.aio import connect
from azure.ai.voicelive.models import FunctionCallOutputItem, RequestSession, ServerVad
from azure.core.credentials import AzureKeyCredential

from caller import Caller, has_status, result


# The service leaves this out of what the caller said; the class is that of a request, in which it is required.
NOT_SENT = ("conversation.item.created.item.content[0].audio",)


def faults_of(value, path):
    """What is missing in a model of the SDK, or not known to it."""
    if isinstance(value, list):
        return [fault for at, item in enumerate(value) for fault in faults_of(item, f"{path}[{at}]")]
    fields = getattr(type(value), "_attr_to_rest_field", None)
    if fields is None:
        return []
    # A base class has a table of the classes that its discriminator stands for.
    faults = [f"{path}: a bare {type(value).__name__}"] if type(value).__dict__.get("__mapping__") else []
    notes = [getattr(base, "__annotations__", {}) for base in reversed(type(value).__mro__)]
    annotations = {name: str(note) for of_class in notes for name, note in of_class.items()}
    for name in fields:
        inner = getattr(value, name)
        optional = "Optional" in annotations.get(name, "Optional") or "NoneType" in annotations[name]
        if inner is None and not optional and f"{path}.{name}" not in NOT_SENT:
            faults.append(f"{path}.{name}: missing")
        faults += faults_of(inner, f"{path}.{name}")
    return faults


async def converse(caller, connection):
    """A greeting, a turn with a function call, and an interruption."""
    await connection.response.create()
    await caller.until("response.done", has_status("completed"))
    caller.say(0.6)
    call = await caller.until("response.function_call_arguments.done")
    await connection.conversation.item.create(item=FunctionCallOutputItem(call_id=call["call_id"], output="{}"))
    await caller.until("response.audio.done")
    caller.say(0.6)
    delta = await caller.until("response.audio.delta")
    caller.say(0.5)
    await caller.until("input_audio_buffer.speech_started")
    await caller.until("response.done", has_status("cancelled"))
    await connection.conversation.item.truncate(item_id=delta["item_id"], content_index=0, audio_end_ms=10)
    await caller.until("conversation.item.truncated")
    await connection.conversation.item.truncate(item_id=delta["item_id"], content_index=0, audio_end_ms=600_000)
    await caller.until("error")


async def main(url, plan):
    problems = []
    async with connect(endpoint=url, credential=AzureKeyCredential("key"), model="gpt-realtime") as connection:
        caller = Caller(lambda audio: connection.input_audio_buffer.append(audio=audio))

        async def read():
            async for event in connection:
                problems.extend(faults_of(event, str(event.type)))
                caller.heard(event.as_dict())

        tasks = [asyncio.create_task(read()), asyncio.create_task(caller.talk())]
        try:
            await caller.until("session.created")
            await connection.session.update(session=RequestSession(turn_detection=ServerVad(threshold=0.5)))
            await caller.until("session.updated")
            if plan == "conversation":
                await converse(caller, connection)
            else:
                caller.say(0.6)
                await (caller.until("error") if plan == "error" else caller.until("response.done", has_status(plan)))
        except TimeoutError:
            problems.append(f"an event that was awaited did not come; the last was {caller.events[-1:]}"[:400])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(result(caller, problems)))


asyncio.run(main(sys.argv[1], sys.argv[2]))
