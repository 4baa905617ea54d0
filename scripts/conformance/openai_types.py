"""
Holds a session on today's Realtime API and validates each event by the types of the package `openai`, which reject an unknown type
and a missing field. Usage: openai_types.py URL PLAN; a PLAN is `conversation` or the status with which responses end (`error`: none
begins). Prints one line of JSON.
"""

import asyncio
import json
import sys
from typing import Annotated

import aiohttp
from openai.types.realtime import RealtimeServerEvent
from pydantic import Field, TypeAdapter, ValidationError

from caller import Caller, has_status, result

EVENTS = TypeAdapter(Annotated[RealtimeServerEvent, Field(discriminator="type")])
SESSION = {
    "type": "realtime",
    "audio": {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}, "turn_detection": {"type": "server_vad"}}},
}


async def converse(caller, send):
    """A greeting, a turn with a function call, an interruption, and what is refused."""
    await send({"type": "session.update", "session": {"instructions": "no type"}})
    await caller.until("error")
    await send({"type": "response.create"})
    await caller.until("response.done", has_status("completed"))
    caller.say(0.6)
    call = await caller.until("response.function_call_arguments.done")
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
    await send({"type": "conversation.item.create", "item": output})
    await caller.until("response.output_audio.done")
    caller.say(0.6)
    delta = await caller.until("response.output_audio.delta")
    caller.say(0.5)
    await caller.until("input_audio_buffer.speech_started")
    await caller.until("response.done", has_status("cancelled"))
    truncate = {"type": "conversation.item.truncate", "item_id": delta["item_id"], "content_index": 0}
    await send({**truncate, "audio_end_ms": 10})
    await caller.until("conversation.item.truncated")
    await send({**truncate, "audio_end_ms": 600_000})
    await caller.until("error")


async def main(url, plan):
    problems = []
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        caller = Caller(lambda audio: send({"type": "input_audio_buffer.append", "audio": audio}))

        async def send(event):
            await socket.send_str(json.dumps(event))

        async def read():
            async for message in socket:
                event = json.loads(message.data)
                try:
                    EVENTS.validate_python(event)
                except ValidationError as error:
                    problems.append(f"{event.get('type')}: {error.errors(include_url=False, include_input=False)}")
                caller.heard(event)

        tasks = [asyncio.create_task(read()), asyncio.create_task(caller.talk())]
        try:
            await caller.until("session.created")
            await send({"type": "session.update", "session": SESSION})
            await caller.until("session.updated")
            if plan == "conversation":
                await converse(caller, send)
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
