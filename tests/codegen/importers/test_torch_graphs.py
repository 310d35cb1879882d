"""Modules of PyTorch as graphs of ONNX's operators, which onnxruntime runs: the same outputs as PyTorch's to 1e-5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from operators_run import assert_near, outputs_of, wanted

from chainrule import InvalidDescription
from chainrule.codegen.importers.graph import Graph
from chainrule.codegen.importers.torch_program import module_graph

torch = wanted("torch")
torch.set_num_threads(1)
nn, F = torch.nn, torch.nn.functional


class Function(nn.Module):  # type: ignore[misc, name-defined]
    """A function as a module."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Any) -> Any:
        return self.function(*inputs)


def graph_like(module: Any, *inputs: Any) -> Graph:
    """The graph of a module, which gives for another size of batch what the module gives."""
    torch.manual_seed(2)
    graph = module_graph(module, inputs)
    others = [torch.cat([each, each.flip(0), each]) for each in inputs]
    with torch.no_grad():
        expected = module(*others)
    expected = expected if isinstance(expected, (tuple, list)) else [expected]
    for found, each in zip(outputs_of(graph, *(each.numpy() for each in others)), expected, strict=True):
        assert_near(found, each.numpy())
    return graph


def operators(graph: Graph) -> list[str]:
    return [node.operator for node in graph.nodes]


@pytest.fixture
def x() -> Any:
    torch.manual_seed(1)
    return torch.randn(2, 3, 7)


ENTRYWISE = [
    lambda x: (torch.exp(x), torch.sigmoid(x), torch.tanh(x), torch.abs(x), torch.erf(x), -x, torch.log(x * x + 1), torch.sqrt(x.abs())),
    lambda x: (F.relu(x), F.elu(x, 0.5), F.selu(x), F.silu(x), F.mish(x), F.leaky_relu(x, 0.2), F.hardswish(x), F.hardsigmoid(x)),
    lambda x: (F.gelu(x), F.gelu(x, approximate="tanh"), F.softplus(x), F.softplus(x, beta=2), F.logsigmoid(x), F.relu6(x), F.hardtanh(x)),
    lambda x: (x + 1, 1 - x, 2 * x, x / 3, 2 / x, x**2, x.abs() ** 0.5, torch.rsqrt(x * x), torch.add(x, x, alpha=3), torch.sub(x, 2)),
    lambda x: (x.clamp(min=0.1), x.clamp(-1, 1), torch.minimum(x, 2 * x), torch.maximum(x, -x), torch.square(x), torch.clamp_max(x, 0.5)),
    lambda x: (
        torch.where(x > 0, x, -x),
        x.masked_fill(x > 0, 1.0),
        torch.where((x > -1) & (x <= 1), x, 0.0),
        F.prelu(x, torch.ones(1) / 4),
    ),
    lambda x: (F.celu(x, 0.5), F.threshold(x, 0.1, 0.2), F.hardshrink(x), F.softshrink(x, 0.3), F.glu(x[:, :2], 1), F.glu(x[..., 1:])),
]
SHAPES = [
    lambda x: (x.view(x.size(0), -1), x.reshape(-1, 7), x.flatten(1), x.permute(2, 0, 1), x.transpose(1, 2).contiguous(), x.mT),
    lambda x: (x[:, 0], x[:, -1], x[:, 1:], x[:, :, ::2], x[..., 1:6], x.unsqueeze(1).squeeze(1), x[:, None], x.select(2, 3)),
    lambda x: (*x.chunk(3, 1), *x.split([1, 2], 1), x.unbind(1)[2], torch.stack([x, x], 1), torch.stack([x, -x], -1)),
    lambda x: (torch.cat([torch.zeros(x.shape[0], 1, 7), x, x.new_ones(x.shape[0], 2, 7)], 1) + torch.arange(7.0), F.pad(x, (1, 2))),
    lambda x: (x.view(x.size(0), 3, 7, 1) * x[:, None, :1].expand(-1, 3, -1, -1).mT, x[:, torch.tensor([2, 0])], x.movedim(1, 2)),
    lambda x: (x.flip(1), x.flip((1, 2)), x.roll(2, 2), x.roll((1, -1), (1, 2)), x.repeat(1, 2, 3), x[:, None].repeat(1, 2, 1, 1)),
    lambda x: (F.pixel_shuffle(x.repeat(1, 4, 1)[..., None], 2), F.pixel_unshuffle(x[:, :, None, :6].repeat(1, 1, 2, 1), 2)),
    lambda x: (F.channel_shuffle(x.repeat(1, 2, 1)[..., None], 3), x[..., :1].flip(1), x[:, :, :1].softmax(1)),
    # Cut and joined across the batch, which then gets between two others.
    lambda x: (x.transpose(0, 1).reshape(3, -1), x.permute(2, 0, 1).reshape(-1, 3), x.transpose(1, 2).reshape(x.size(0), -1)),
]
SUMS = [
    lambda x: (x.mean((1, 2)), x.sum(-1, keepdim=True), x.amax(1), x.max(1)[0], x.amin((1, 2)), x.mean(), x.sum(1) / x.sum()),
    lambda x: (torch.std(x, 1), torch.var(x, 1, unbiased=False), x.norm(dim=1), F.normalize(x, dim=1)),
    lambda x: (torch.softmax(x, 1), F.log_softmax(x.transpose(1, 2), 1), x @ x.mT, torch.matmul(x, torch.ones(7, 2)), torch.bmm(x, x.mT)),
    lambda x: (torch.einsum("nij,nkj->nik", x, x), torch.einsum("nij,nij->ni", x, x), torch.baddbmm(x[:, :, :3], x, x.mT, beta=0.5)),
    lambda x: (F.layer_norm(x, (7,)), F.layer_norm(x, (3, 7)), F.rms_norm(x, (7,)), F.group_norm(x, 3), F.instance_norm(x)),
    lambda x: (F.max_pool1d(x, 2), F.avg_pool1d(x, 3, 2, 1), F.adaptive_avg_pool1d(x, 1), F.adaptive_max_pool1d(x[:, :, :6], 3)),
    lambda x: (F.cosine_similarity(x[:, :1], x, dim=2), F.bilinear(x[:, 0], x[:, 1, :5], torch.ones(3, 7, 5), torch.ones(3))),
    lambda x: (F.linear(x[:, :, 2:3], torch.ones(5, 1)), F.linear(x[:, 0, :1], torch.ones(5, 1)), F.layer_norm(x[..., 1:2] * 0, (1,)) + x),
    lambda x: (F.conv1d(x, torch.ones(4, 3, 2), padding="same"), F.conv_transpose1d(x, torch.ones(3, 2, 3), stride=2, output_padding=1)),
]


SIZES = [
    lambda x: (F.interpolate(x, scale_factor=3), F.interpolate(x, size=5), F.interpolate(x[..., None], scale_factor=(2, 3))),
    lambda x: (F.interpolate(x, scale_factor=1.5, mode="linear"), F.interpolate(x, size=11, mode="linear", align_corners=True)),
    lambda x: (F.interpolate(x[:, None], scale_factor=2, mode="bilinear"), F.interpolate(x[:, None], (2, 17), mode="bicubic")),
    lambda x: (F.interpolate(x[:, None], scale_factor=1.5, mode="bilinear", align_corners=True),),
]


@pytest.mark.parametrize("function", [*ENTRYWISE, *SHAPES, *SUMS, *SIZES])
def test_functions(function: Callable[[Any], Any], x: Any) -> None:
    graph_like(Function(function), x)


@pytest.mark.parametrize("is_causal", [False, True])
def test_attention_of_heads(is_causal: bool, x: Any) -> None:
    def heads(x: Any) -> Any:
        queries = x.view(x.size(0), 3, 7, 1).transpose(1, 2)
        return F.scaled_dot_product_attention(queries, 2 * queries, -queries, is_causal=is_causal, scale=0.7).transpose(1, 2).flatten(2)

    assert operators(graph_like(Function(heads), x)).count("Attention") == 1


@pytest.mark.parametrize(("norm_first", "batch_first"), [(False, True), (True, False)])
def test_a_transformer_encoder_has_no_more_transposes_than_heads_need(norm_first: bool, batch_first: bool) -> None:
    """PyTorch puts steps before examples, and joins the batch with the heads: both come to nothing."""
    layer = nn.TransformerEncoderLayer(8, 2, 11, batch_first=batch_first, norm_first=norm_first, activation="gelu")
    graph = graph_like(nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval(), torch.randn(2, 5, 8))
    assert operators(graph).count("Transpose") <= 8 + (not batch_first) * 6


def test_attention_with_weights_that_are_asked_for() -> None:
    attention = nn.MultiheadAttention(6, 3, batch_first=True)
    graph_like(Function(lambda x: attention(x, x[:, :3], x[:, :3])), torch.randn(2, 5, 6))


@pytest.mark.parametrize("training", [False, True])
def test_a_residual_network_keeps_its_layers(training: bool) -> None:
    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm, self.again = nn.Conv2d(2, 5, 3, 2, 1, bias=False), nn.BatchNorm2d(5), nn.Conv2d(2, 5, 1, 2)
            self.relu, self.dense = nn.ReLU(inplace=True), nn.Linear(5, 3)

        def forward(self, x: Any) -> Any:
            y = self.norm(self.conv(x))
            y += self.again(x)
            return self.dense(F.adaptive_avg_pool2d(self.relu(y), 1).flatten(1))

    module = Block().train(training)
    module.norm.running_mean.uniform_(-1, 1)
    graph = graph_like(module, torch.randn(2, 2, 7, 11))
    assert operators(graph) == ["Conv", "BatchNormalization", "Conv", "Add", "Relu", "GlobalAveragePool", "Reshape", "Gemm"]
    assert set(graph.constants) >= {"conv.weight", "norm.weight", "norm.running_mean", "again.bias", "dense.weight"}


def test_images() -> None:
    layers = [
        nn.Conv2d(2, 6, (3, 5), padding=(1, 2), groups=2),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.MaxPool2d(3, 2, 1),
        nn.ConvTranspose2d(6, 3, 2, 2),
    ]
    graph = graph_like(nn.Sequential(*layers, nn.Flatten(), nn.Linear(108, 5), nn.LogSoftmax(1)), torch.randn(2, 2, 13, 11))
    assert operators(graph)[-3:] == ["Reshape", "Gemm", "LogSoftmax"]


class Reader(nn.Module):  # type: ignore[misc, name-defined]
    """A recurrent network that reads labels."""

    def __init__(self, kind: Any, **options: Any) -> None:
        super().__init__()
        self.rows, self.cell = nn.Embedding(11, 3), kind(3, 5, batch_first=True, **options)

    def forward(self, labels: Any) -> Any:
        states, last = self.cell(self.rows(labels))
        return states[:, -1], states.mean(1), *(last if isinstance(last, tuple) else (last,))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (nn.LSTM, {}),
        (nn.GRU, {"bias": False}),
        (nn.RNN, {}),
        *((kind, {"bidirectional": True, "num_layers": 2}) for kind in (nn.LSTM, nn.GRU)),
    ],
)
def test_recurrent_layers(kind: Any, options: dict[str, Any]) -> None:
    graph_like(Reader(kind, **options), torch.randint(0, 11, (2, 7)))


def test_a_recurrent_layer_of_relu_begins_with_states_that_are_given() -> None:
    cell = nn.RNN(3, 5, 2, nonlinearity="relu")
    graph_like(Function(lambda x, h: cell(x.transpose(0, 1), h.transpose(0, 1))[0]), torch.randn(2, 7, 3), torch.randn(2, 2, 5))


@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell, nn.RNNCell, lambda *sizes: nn.RNNCell(*sizes, nonlinearity="relu")])
def test_single_steps(kind: Any) -> None:
    """Their weights are one, however often they are used; a sequence may have one feature, and a cell one unit."""
    cell, narrow = kind(3, 5), kind(1, 1)

    def steps(cell: Any, x: Any, units: int) -> Any:
        zeros = torch.zeros(x.size(0), units)
        state = (zeros, zeros) if isinstance(cell, nn.LSTMCell) else zeros
        for step in x.split(1, dim=1):
            state = cell(step.squeeze(1), state)
        return state[0] if isinstance(state, tuple) else state

    class Steps(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.narrow = cell, narrow

        def forward(self, x: Any) -> Any:
            return steps(self.cell, x, 5), steps(self.narrow, x[..., :1], 1)

    graph = graph_like(Steps(), torch.randn(2, 7, 3))
    assert {name for name in graph.constants if "cell" in name} >= {"cell.weight_ih", "cell.weight_hh", "cell.bias_ih", "cell.bias_hh"}


def test_a_mask_of_numbers_is_added_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    """PyTorch looks at them for whether the mask is causal, which there is no answer to while a program is written down."""
    layer = nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 7, batch_first=True, dropout=0.0), 1)
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    assert operators(graph_like(Function(lambda x: layer(x, mask=mask)), torch.randn(2, 5, 6))).count("Attention") == 1
    assert capfd.readouterr().err == ""


def test_dropout_of_whole_channels_is_said_where_it_is_left_out() -> None:
    module, x = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Dropout2d(0.5), nn.AlphaDropout(0.5)), torch.randn(2, 2, 5, 7)
    graph_like(module.eval(), x)
    assert module_graph(module[:2].train(), x).remarks == ("the dropout of whole channels is not taken over",)
    with pytest.raises(InvalidDescription, match=r"alpha_dropout: is in training.*eval\(\)"):
        module_graph(module.train(), x)


def test_a_weight_at_two_places_is_one() -> None:
    class Tied(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.rows, self.out = nn.Embedding(11, 3), nn.Linear(3, 11, bias=False)
            self.out.weight = self.rows.weight

        def forward(self, labels: Any) -> Any:
            return self.out(torch.tanh(self.rows(labels)))

    graph = graph_like(Tied(), torch.randint(0, 11, (2, 7)))
    assert [array.shape for array in graph.constants.values()] == [(11, 3)]


def test_dropout_is_kept_in_training_alone() -> None:
    module = nn.Sequential(nn.Linear(3, 5), nn.Dropout(0.25))
    assert operators(module_graph(module, torch.randn(2, 3))) == ["Gemm", "Dropout"]
    assert operators(module_graph(module.eval(), torch.randn(2, 3))) == ["Gemm"]


def test_what_is_left_out_is_said() -> None:
    layer = nn.TransformerEncoderLayer(6, 2, 7, batch_first=True)
    assert module_graph(layer, torch.randn(2, 5, 6)).remarks == ("the dropout of attention weights is not taken over",)
    padded = nn.Embedding(11, 3, padding_idx=2)
    assert "row 2 of weight is one of padding" in module_graph(padded, torch.randint(0, 11, (2, 7))).remarks[0]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: torch.fft.fft(x).real + torch.cumsum(x, 1), "PyTorch's operators fft_fft (fft_fft); real (real); cumsum (cumsum)"),
        (lambda x: x + torch.rand(7), "operators rand (rand)"),
        (lambda x: x.cumprod(1) if x.sum() > 0 else x, "torch.export cannot write this module down"),
        (lambda x: F.max_pool1d(F.adaptive_avg_pool1d(x, 4), 2), "windows of different sizes"),
        (lambda x: torch.relu_(x[:, 0]) + x.sum((1, 2))[:, None], "writes into a tensor of which a view is read later"),
        (lambda x: x[1:], "the size s"),
    ],
)
def test_what_there_is_no_equation_for_is_said(function: Callable[[Any], Any], said: str, x: Any) -> None:
    with pytest.raises(InvalidDescription, match="Function: ") as found:
        module_graph(Function(function), torch.cat([x, x]))
    assert said in str(found.value), found.value
    assert "\n" not in str(found.value)
