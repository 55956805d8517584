"""A stand-in for a model server: the KServe v2 protocol over HTTP, the model run for real by ONNX Runtime.

It is as strict as Triton: requests must name the model's inputs, fit the shapes that its configuration states
(with a batch in front where the server batches) and bring as many bytes as their shape has. An input with a value of
its own may be left out, and given only where the configuration has it.
"""

import http.server
import json
import threading

import numpy as np
import onnxruntime

DTYPES = {"FP32": np.float32, "UINT8": np.uint8}
NAMES = {"float32": "FP32", "int64": "INT64", "int32": "INT32"}


class Refusal(Exception):
    """What the client did wrong."""


class StandIn:
    """Serves `model` under the name of the folder above its version, on a free port, while it is a context.

    `config` is Triton's ModelConfig, or None: then the file's own shapes count.
    """

    def __init__(self, model, config):
        self.name = model.parent.parent.name
        self.session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        required = self.session.get_inputs()
        self.required = {value.name for value in required}
        optional = [value for value in self.session.get_overridable_initializers() if self.knows(config, value)]
        values = {value.name: value for value in required + optional}
        known = lambda shape: [extent if isinstance(extent, int) else -1 for extent in shape]
        self.dims = {name: known(value.shape) for name, value in values.items()}
        self.max_batch = None
        if config:
            if {tensor.name for tensor in config.input} != set(values):
                raise ValueError("the configuration has other inputs than the file")
            if config.max_batch_size and optional:
                raise ValueError("optional inputs are not supported where requests are joined")
            self.dims = {tensor.name: list(tensor.dims) for tensor in config.input}
            if config.max_batch_size:
                self.dims = {name: [-1, *dims] for name, dims in self.dims.items()}
                self.max_batch = config.max_batch_size
        types = {"tensor(float)": "FP32", "tensor(uint8)": "UINT8"}
        self.types = {name: types[value.type] for name, value in values.items()}

    @staticmethod
    def knows(config, value):
        """Triton takes an input with a value where its configuration says so; OpenVINO takes it for a constant."""
        return config and any(tensor.name == value.name and tensor.optional for tensor in config.input)

    def __enter__(self):
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    if self.path != f"/v2/models/{stand_in.name}/infer":
                        raise Refusal(f"there is no {self.path}")
                    answer, header_bytes = stand_in.infer(body, self.headers)
                    self.send_response(200)
                except (Refusal, KeyError, ValueError) as error:
                    answer, header_bytes = json.dumps({"error": str(error)}).encode(), None
                    self.send_response(400)
                if header_bytes is not None:
                    self.send_header("Inference-Header-Content-Length", str(header_bytes))
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def infer(self, body, headers):
        header_bytes = int(headers.get("Inference-Header-Content-Length", len(body)))
        request = json.loads(body[:header_bytes])
        inputs = self.read_inputs(request, body[header_bytes:])
        asked = {output["name"]: output.get("parameters", {}) for output in request["outputs"]}
        results = self.session.run(list(asked), inputs)
        entries, data = [], b""
        for (name, parameters), values in zip(asked.items(), results):
            entry = {"name": name, "datatype": NAMES[values.dtype.name], "shape": list(values.shape)}
            if parameters.get("binary_data"):
                entry["parameters"] = {"binary_data_size": values.nbytes}
                data += values.tobytes()
            else:
                entry["data"] = values.ravel().tolist()
            entries.append(entry)
        header = json.dumps({"model_name": self.name, "model_version": "1", "outputs": entries}).encode()
        return header + data, len(header) if data else None

    def read_inputs(self, request, binary):
        inputs = {}
        for tensor in request["inputs"]:
            size = tensor.get("parameters", {}).get("binary_data_size")
            if size is not None and size > len(binary):
                raise Refusal(f"{len(binary)} bytes follow, not {size}")
            inputs[tensor["name"]] = self.read_input(tensor, binary[:size] if size is not None else None)
            binary = binary[size or 0 :]
        if binary:
            raise Refusal(f"{len(binary)} bytes belong to no input")
        if not self.required <= set(inputs):
            raise Refusal(f"the inputs {sorted(self.required - set(inputs))} are missing")
        return inputs

    def read_input(self, tensor, binary):
        name, shape = tensor["name"], tensor["shape"]
        if name not in self.types or tensor["datatype"] != self.types[name]:
            raise Refusal(f"the input is {name} of {tensor['datatype']}")
        dims = self.dims[name]
        if len(shape) != len(dims) or any(d not in (-1, s) for d, s in zip(dims, shape)):
            raise Refusal(f"the shape {shape} of {name} does not fit {dims}")
        if self.max_batch and shape[0] > self.max_batch:
            raise Refusal(f"a batch of {shape[0]} is more than {self.max_batch}")
        if binary is None:
            return np.array(tensor["data"], DTYPES[self.types[name]]).reshape(shape)
        return np.frombuffer(binary, DTYPES[self.types[name]]).reshape(shape)
