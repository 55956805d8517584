"""A stand-in for a model server: the KServe v2 protocol over HTTP, the model run for real by ONNX Runtime.

It is as strict as Triton: requests must name the model's input, fit the shapes that its configuration states
(with a batch in front where the server batches) and bring as many bytes as their shape has.
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
        value = self.session.get_inputs()[0]
        self.dims = [extent if isinstance(extent, int) else -1 for extent in value.shape]
        self.max_batch = None
        if config:
            self.dims = list(config.input[0].dims)
            if config.max_batch_size:
                self.dims, self.max_batch = [-1, *self.dims], config.max_batch_size
        self.type = {"tensor(float)": "FP32", "tensor(uint8)": "UINT8"}[value.type]

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
        images = self.read_input(request, body[header_bytes:])
        asked = {output["name"]: output.get("parameters", {}) for output in request["outputs"]}
        results = self.session.run(list(asked), {self.session.get_inputs()[0].name: images})
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

    def read_input(self, request, binary):
        (tensor,) = request["inputs"]
        if tensor["name"] != self.session.get_inputs()[0].name or tensor["datatype"] != self.type:
            raise Refusal(f"the input is {tensor['name']} of {tensor['datatype']}")
        shape = tensor["shape"]
        if len(shape) != len(self.dims) or any(d not in (-1, s) for d, s in zip(self.dims, shape)):
            raise Refusal(f"the shape {shape} does not fit {self.dims}")
        if self.max_batch and shape[0] > self.max_batch:
            raise Refusal(f"a batch of {shape[0]} is more than {self.max_batch}")
        size = tensor.get("parameters", {}).get("binary_data_size")
        if size is None:
            return np.array(tensor["data"], DTYPES[self.type]).reshape(shape)
        if size != len(binary):
            raise Refusal(f"{len(binary)} bytes follow, not {size}")
        return np.frombuffer(binary, DTYPES[self.type]).reshape(shape)
