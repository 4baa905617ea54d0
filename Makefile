# The make targets. Each is a line or two; the logic is in scripts/.
# Settings are make variables: make run_load_test_acs_media HOST=agent.example.com USERS=50

SHELL := /bin/sh
.DEFAULT_GOAL := help
NODE := node --import tsx --disable-warning=ExperimentalWarning

# What was given on make's command line reaches the commands as it was typed: make would take each dollar sign for its own.
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name)))$(eval export $(name)))
# The names of what was given there: every other setting comes from the environment.
export SET_BY_MAKE := $(strip $(GIVEN))
# The words of a variable for the shell, which would take a dollar sign for its own.
typed = $(if $(findstring $$,$(value $(1))),$(error $(1): expected words without a dollar sign, got $(value $(1))),$(value $(1)))

SOURCES := $(wildcard lib/*/*.ts scenarios/*.ts) scripts/build.ts scripts/run/bundle.ts package-lock.json

.PHONY: help
help: ## show this help
	@grep -hE '^[a-z_]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-36s %s\n", $$1, $$2 }'

.PHONY: demo
demo: build audio ## run 5 callers for 30 s against the simulator, and prove the numbers
	@$(NODE) scripts/demo.ts

.PHONY: check
check: require_node_for_tests install ## check types, style and layers in seconds, without k6
	npm run --silent check

.PHONY: test
test: require_node_for_tests install audio ## check types, style and all tests, with a real k6
	npm run --silent check
	@$(NODE) scripts/docs/chromium.ts
	$(NODE) scripts/run/k6.ts
	npm run --silent test

.PHONY: run_load_test_acs_media
run_load_test_acs_media: build audio ## phone calls against HOST or WS_URL
	@$(NODE) scripts/run.ts acs_media

.PHONY: run_load_test_browser_conversation
run_load_test_browser_conversation: build audio ## browser conversations with HOST or WS_URL
	@$(NODE) scripts/run.ts browser_conversation

.PHONY: run_load_test_twilio_media
run_load_test_twilio_media: build audio ## phone calls as Twilio streams them (Media Streams): HOST=... WS_PATH=/ws
	@$(NODE) scripts/run.ts twilio_media

.PHONY: run_load_test_openai_realtime
run_load_test_openai_realtime: build audio ## conversations with a Realtime API: HOST=... REALTIME_API=voice_live REALTIME_API_KEY=...
	@$(NODE) scripts/run.ts openai_realtime

.PHONY: call
call: install audio ## one call, with its events printed as they happen: HOST=... SCENARIO=browser_conversation TRANSCRIPTS=true TURNS_PER_USER=5
	@$(NODE) scripts/call.ts "$${SCENARIO:-acs_media}"

.PHONY: doctor
doctor: install audio ## check Node, k6, audio, DNS, TLS, upgrade and pipeline of a target, and say what to do: HOST=...
	@$(NODE) scripts/doctor.ts "$${SCENARIO:-acs_media}"

.PHONY: generate_audio
generate_audio: install ## generate the utterances, with Azure's voices or offline: audio/conversations -> audio/pcm
	@$(NODE) scripts/generate_audio.ts

.PHONY: audio_manifest
audio_manifest: install ## write a manifest for PCM or WAV files in PCM_DIR; CONVERT=true converts other rates and stereo
	@$(NODE) scripts/audio_manifest.ts

.PHONY: simulate
simulate: install ## run the simulator, an agent with known answers; ARGS="--help" shows its flags
	@$(NODE) scripts/simulator/main.ts $(call typed,ARGS)

.PHONY: capacity
capacity: build audio ## the most callers that meet the targets: HOST=... MAX_USERS=200; RESUME=results/capacity_... goes on
	@$(NODE) scripts/capacity/capacity.ts

.PHONY: verify
verify: install ## compare a run against the simulator with the truth: RUN=results/...
	@$(NODE) scripts/verify.ts "$(call typed,RUN)"

.PHONY: report
report: install ## make a run's report again: RUN=results/..., or the parts of one run: RUN='a b'
	@$(NODE) scripts/report.ts $(call typed,RUN)

.PHONY: compare
compare: install ## is a run slower than others, beyond noise: BASE='results/a results/b' RUN=results/c COMPARE_MARGIN=5%,50ms
	@$(NODE) scripts/compare/compare.ts "$(call typed,RUN)" $(call typed,BASE)

.PHONY: baseline
baseline: install ## keep what a comparison needs of runs in one small file, for BASE: RUN='results/a results/b' BASELINE=baseline.json
	@$(NODE) scripts/compare/baseline.ts $(call typed,RUN)

.PHONY: matrix
matrix: build ## every wire, pipeline and profile with 10 callers, and how far each is from the truth
	@$(NODE) scripts/e2e/matrix.ts

.PHONY: faults
faults: build ## every fault in a fifth of the turns of 20 callers: injected and counted; NAMES="drop reset" picks some
	@$(NODE) scripts/e2e/faults.ts $(call typed,NAMES)

.PHONY: conformance
conformance: build audio ## simulator and caller against foreign code at pinned versions (needs Python 3.11): NAMES=openai picks some
	@$(NODE) scripts/conformance/conformance.ts $(call typed,NAMES)

.PHONY: chaos
chaos: build ## callers against an agent with all faults at random, for TIME (10m)
	@$(NODE) scripts/e2e/chaos.ts

.PHONY: accuracy
accuracy: build audio ## the errors against the truth at CALLERS="1 10 50 100 200", RUN_SEC each: docs/accuracy.md
	@$(NODE) scripts/bench/accuracy.ts

.PHONY: bench
bench: build audio ## our bundle against a bare k6 loop; PARTS="cpu memory cost held collections simulator"
	@$(NODE) scripts/bench/bench.ts

.PHONY: bench_capacity
bench_capacity: install ## how often and how fast the search of make capacity finds limits that are known: docs/capacity.md
	@$(NODE) scripts/bench/capacity.ts

.PHONY: bench_compare
bench_compare: install ## compare simulated runs: how many false alarms, how much of a rise is missed: docs/compare.md
	@$(NODE) scripts/bench/compare.ts

.PHONY: soak
soak: build audio ## USERS (50) for TIME (30m): does memory, pace, error or the log grow?
	@$(NODE) scripts/bench/soak.ts

.PHONY: lint_workflows
lint_workflows: install ## check the GitHub workflows with actionlint and zizmor (needs Go and Python)
	@$(NODE) scripts/lint/workflows.ts

.PHONY: lint_manifests
lint_manifests: install ## check docs/kubernetes against a schema; CRD=FILE takes the operator's own
	@$(NODE) scripts/lint/manifests.ts $(call typed,CRD)

.PHONY: release
release: build audio ## build the release archive, and its SHA-256: dist/release/
	@$(NODE) scripts/release.ts

.PHONY: build
build: dist/.built ## bundle the scenarios into dist/

# Compared by content: a clone or a copy with restored packages needs no network.
.PHONY: install
install: require_node ## install what package-lock.json pins
	@node scripts/setup/install.js

.PHONY: require_node
require_node:
	@sh scripts/setup/require_node.sh

.PHONY: require_node_for_tests
require_node_for_tests:
	@sh scripts/setup/require_node.sh tests

.PHONY: format
format: install ## format the sources, and write the generated tables into the documents
	npm run --silent format

.PHONY: clean
clean: ## remove dist/ and .bin/; results/ and audio/ stay
	rm -rf dist .bin

# Generates the utterances that are missing or out of date; a PCM_DIR of one's own is left alone.
.PHONY: audio
audio: install
	@test -n "$$PCM_DIR" || $(NODE) scripts/generate_audio.ts >&2

dist/.built: $(SOURCES) | install
	@$(NODE) scripts/build.ts
