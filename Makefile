# The short way to everything; `make help` lists it. CMake does the work, see CMakePresets.json.
.PHONY: all setup demo test asan parity photos zoo lint format clean help
.NOTPARALLEL:

JOBS ?= $(shell nproc)
BUILD = cmake --build build --parallel $(JOBS)

all: setup build/build.ninja
	@$(BUILD) --target yoloport

# Without tests until `make test` asks for them: using yoloport takes no GoogleTest.
build/build.ninja:
	@cmake --preset release -DYOLOPORT_BUILD_TESTS=OFF

setup:
	@scripts/setup.sh build

demo: all
	@build/yoloport export demo/config.py demo/digits.pth --img-size 320 --work-dir build/demo --from-test-cfg
	@build/yoloport detect demo/page1.* demo/page2.* build/demo/digits.onnx --out-dir build/demo/out
	@echo "The pictures are in build/demo/out."

test:
	@scripts/setup.sh test
	@cmake --preset release -DYOLOPORT_BUILD_TESTS=ON $(CMAKE_ARGS)
	@$(BUILD)
	@ctest --test-dir build --output-on-failure --parallel $(JOBS)

asan:
	@scripts/setup.sh test
	@cmake --preset asan $(CMAKE_ARGS)
	@cmake --build --preset asan --parallel $(JOBS)
	@ctest --preset asan --parallel $(JOBS)

ORACLE ?= ../shared/oracle
parity:
	@scripts/setup.sh test
	@cmake --preset release -DYOLOPORT_BUILD_TESTS=ON $(CMAKE_ARGS)
	@$(BUILD)
	@scripts/parity.sh $(ORACLE)

# MMYOLO's inference on photos against ours, network by network; PYTHON needs mmyolo.
PHOTOS ?= $(wildcard $(ORACLE)/../real/d*.jpg)
photos: all
	@$(PYTHON) scripts/photo_parity.py $(PHOTOS) --cases $(ORACLE)/cases --yoloport build/yoloport --out build/photos

# The sweep of the zoo; its Python needs torch, onnx and onnxruntime, and CONFIGS is mmyolo's folder of them.
PYTHON ?= python3
CONFIGS ?=
zoo: all
	@$(PYTHON) scripts/zoo_sweep.py --oracle $(ORACLE) --configs $(CONFIGS) --yoloport build/yoloport

# What changed since BASE (a commit) must be clean; without it, what changed lately.
BASE ?=
lint:
	@scripts/setup.sh test lint
	@scripts/format.sh --check
	@scripts/check_includes.py
	@cmake --preset release -DYOLOPORT_BUILD_TESTS=ON $(CMAKE_ARGS) >/dev/null
	@scripts/tidy.sh $(BASE)

format:
	@scripts/setup.sh lint
	@scripts/format.sh

clean:
	rm -rf build build-asan build-fuzz build-coverage

help:
	@echo "make            set up and build build/yoloport"
	@echo "make demo       export the demo detector and run it on two pictures"
	@echo "make test       build and run all tests"
	@echo "make asan       the tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make parity     compare with recorded MMYOLO outputs in ORACLE ($(ORACLE))"
	@echo "make photos     compare with MMYOLO itself on PHOTOS (PYTHON with mmyolo, ORACLE)"
	@echo "make zoo        export every config of the zoo (PYTHON, ORACLE, CONFIGS=mmyolo's configs)"
	@echo "make lint       check layout, include direction and clang-tidy (since BASE=commit)"
	@echo "make format     lay out the sources"
	@echo "make clean      remove all that was built, downloads too"
