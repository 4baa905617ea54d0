"""
A Pipecat agent on Twilio's wire: Pipecat's own serializer, transport, VAD and interruption; recognition, language model and voice are
dummies with known delays, and the voice answers with a tone. Usage: pipecat_agent.py LOG. Prints `listening on ws://HOST:PORT/ws`,
and writes a line of JSON per event to LOG, with the epoch ms at which it happened and the id of the call. A frame of the caller is
loud when its RMS is over 100: quiet frames have about 10, the quietest speech frames 200.
"""

import asyncio
import audioop
import json
import math
import socket
import struct
import sys
import time

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import (
    BotStoppedSpeakingFrame,
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    UserStoppedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.observers.base_observer import BaseObserver
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.turns.user_start import VADUserTurnStartStrategy
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601
from pipecat.workers.runner import WorkerRunner

RATE_HZ = 8000
STT_SEC, LLM_SEC, TTS_SEC = 0.1, 0.2, 0.1
# Silence after which the VAD says that speech has ended, and the time from then to the end of the caller's turn.
VAD_STOP_SEC, TURN_STOP_SEC = 0.2, 0.6
REPLY_SEC = 3
LOUD_RMS = 100
# Media after a longer pause than this begins a new run of audio.
PAUSE_MS = 200

# 100 ms of 440 Hz: 44 whole periods, so that repetitions have no seam.
TONE = b"".join(
    struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * at / RATE_HZ + 0.3))) for at in range(RATE_HZ // 10)
)


def now_ms():
    return time.time() * 1000


class CallLog:
    """The events of a call. Of the caller's turn it keeps the first and the last loud frame, and when the VAD heard it end."""

    def __init__(self, file, call):
        self.file = file
        self.call = call
        self.first_loud_at_ms = None
        self.last_loud_at_ms = None
        self.vad_stopped_at_ms = None

    def note(self, event, at_ms, **more):
        self.file.write(json.dumps({"event": event, "call": self.call, "atMs": at_ms, **more}) + "\n")

    def heard(self, pcm, at_ms):
        if audioop.rms(pcm, 2) > LOUD_RMS:
            self.first_loud_at_ms = self.first_loud_at_ms or at_ms
            self.last_loud_at_ms = at_ms

    def turn_ended(self, at_ms):
        loud = {"firstLoudAtMs": self.first_loud_at_ms, "lastLoudAtMs": self.last_loud_at_ms}
        self.note("user_stopped", at_ms, **loud, vadStoppedAtMs=self.vad_stopped_at_ms)
        self.first_loud_at_ms = None


class LoggedSerializer(TwilioFrameSerializer):
    """Notes what arrives, before it is decoded, and what is handed to the socket: the first media of a run, and each clear."""

    def __init__(self, stream_sid, log):
        super().__init__(stream_sid, params=TwilioFrameSerializer.InputParams(auto_hang_up=False))
        self.log = log
        self.last_media_at_ms = 0

    async def deserialize(self, data):
        at_ms = now_ms()
        frame = await super().deserialize(data)
        if isinstance(frame, InputAudioRawFrame):
            self.log.heard(frame.audio, at_ms)
        return frame

    async def serialize(self, frame):
        message = await super().serialize(frame)
        event = json.loads(message)["event"] if message else None
        at_ms = now_ms()
        if event == "media":
            if at_ms - self.last_media_at_ms > PAUSE_MS:
                self.log.note("first_media", at_ms)
            self.last_media_at_ms = at_ms
        elif event is not None:
            self.log.note(event, at_ms, firstLoudAtMs=self.log.first_loud_at_ms)
            self.last_media_at_ms = 0
        return message


class Watch(BaseObserver):
    """Notes what Pipecat takes for the end of the caller's turn and of its own reply."""

    def __init__(self, log):
        super().__init__()
        self.log = log
        self.seen = set()

    async def on_push_frame(self, data):
        frame = data.frame
        # A frame passes every processor, and a broadcast one goes in both directions.
        key = min(frame.id, frame.broadcast_sibling_id or frame.id)
        kinds = (VADUserStoppedSpeakingFrame, UserStoppedSpeakingFrame, BotStoppedSpeakingFrame)
        if key in self.seen or not isinstance(frame, kinds):
            return
        self.seen.add(key)
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            self.log.vad_stopped_at_ms = now_ms()
        elif isinstance(frame, UserStoppedSpeakingFrame):
            self.log.turn_ended(now_ms())
        else:
            self.log.note("reply_ended", now_ms())


class DummySTT(SegmentedSTTService):
    def __init__(self):
        super().__init__(settings=STTSettings(model=None, language=None), ttfs_p99_latency=0.0)

    async def run_stt(self, audio):
        await asyncio.sleep(STT_SEC)
        yield TranscriptionFrame("hello there", "caller", time_now_iso8601())


class DummyLLM(LLMService):
    def __init__(self):
        sampling = ("temperature", "max_tokens", "top_p", "top_k", "frequency_penalty", "presence_penalty", "seed")
        others = ("model", "system_instruction", "filter_incomplete_user_turns", "user_turn_completion_config")
        super().__init__(settings=LLMSettings(**dict.fromkeys((*sampling, *others))))

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(LLMFullResponseStartFrame())
        await asyncio.sleep(LLM_SEC)
        await self.push_frame(LLMTextFrame("This is the answer."))
        await self.push_frame(LLMFullResponseEndFrame())


class DummyTTS(TTSService):
    def __init__(self):
        settings = TTSSettings(model=None, voice=None, language=None)
        frames = {"push_start_frame": True, "push_stop_frames": True, "stop_frame_timeout_s": 0.2}
        super().__init__(sample_rate=RATE_HZ, settings=settings, **frames)

    async def run_tts(self, text, context_id):
        await asyncio.sleep(TTS_SEC)
        for _ in range(REPLY_SEC * 10):
            yield TTSAudioRawFrame(TONE, RATE_HZ, 1, context_id=context_id)


async def talk(websocket, file):
    """Holds one call."""
    _, call = await parse_telephony_websocket(websocket)
    log = CallLog(file, call["body"]["call_id"])
    params = FastAPIWebsocketParams(
        audio_in_enabled=True, audio_out_enabled=True, serializer=LoggedSerializer(call["stream_id"], log)
    )
    transport = FastAPIWebsocketTransport(websocket, params)
    strategies = UserTurnStrategies(
        start=[VADUserTurnStartStrategy()],
        stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=TURN_STOP_SEC)],
    )
    vad = SileroVADAnalyzer(sample_rate=RATE_HZ, params=VADParams(stop_secs=VAD_STOP_SEC))
    aggregators = LLMContextAggregatorPair(
        LLMContext(), user_params=LLMUserAggregatorParams(vad_analyzer=vad, user_turn_strategies=strategies)
    )
    services = [DummySTT(), aggregators.user(), DummyLLM(), DummyTTS()]
    worker = PipelineWorker(
        Pipeline([transport.input(), *services, transport.output(), aggregators.assistant()]),
        params=PipelineParams(audio_in_sample_rate=RATE_HZ, audio_out_sample_rate=RATE_HZ),
        observers=[Watch(log)],
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
    )

    @transport.event_handler("on_client_connected")
    async def greet(_transport, _websocket):
        await worker.queue_frames([TTSSpeakFrame("Hello.")])

    @transport.event_handler("on_client_disconnected")
    async def hang_up(_transport, _websocket):
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


async def serve(path):
    app = FastAPI()
    with open(path, "w", buffering=1) as file, socket.create_server(("127.0.0.1", 0)) as listener:
        delays = {"turnStopMs": TURN_STOP_SEC * 1000, "llmMs": LLM_SEC * 1000, "ttsMs": TTS_SEC * 1000}
        file.write(json.dumps({"event": "delays", **delays}) + "\n")

        def note_warning(text):
            file.write(json.dumps({"event": "warning", "text": text.strip()}) + "\n")

        logger.add(note_warning, level="WARNING", format="{name}: {message}")

        @app.websocket("/ws")
        async def answer(websocket: WebSocket):
            await websocket.accept()
            await talk(websocket, file)

        print(f"listening on ws://127.0.0.1:{listener.getsockname()[1]}/ws", flush=True)
        await uvicorn.Server(uvicorn.Config(app, log_level="warning")).serve(sockets=[listener])


asyncio.run(serve(sys.argv[1]))
