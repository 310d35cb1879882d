"""The first gradient by a generated module: import, description, derivation, module, one backward pass.

A process of its own for `time_to_first_gradient.py`, which gives it the network, the style and the description's file.
"""

import time

start = time.perf_counter()
import json  # noqa: E402
import sys  # noqa: E402

from first_networks import network_of, peak_memory, result  # noqa: E402

from chainrule import derive, load, read_description  # noqa: E402

imported = time.perf_counter()
*words, style, path = sys.argv[1:]
network = read_description(path).network
described = time.perf_counter()
derivation = derive(network)
derived = time.perf_counter()
module = load(derivation, verify=False) if style == "plain" else load(derivation, style=style, verify=False)
loaded = time.perf_counter()
arrays, x, y = network_of(words).arrays()
cost, gradients = module.cost_and_gradients(module.Parameters(*arrays), x, y)
done = time.perf_counter()
times = {
    "import": imported - start,
    "description": described - imported,
    "derive": derived - described,
    "load": loaded - derived,
    "gradient": done - loaded,
    "total": done - start,
}
print(json.dumps(times | {"memory": peak_memory()} | result(cost, gradients)))
