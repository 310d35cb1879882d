"""Published networks: who published each, how it is described, and whose numbers hold it.

`python tests/problems/corpus.py` writes the table of them, generated/NETWORKS.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(path) for path in (ROOT / "tests", ROOT / "tests" / "problems") if str(path) not in sys.path]

from places import CASES, GALLERY  # noqa: E402
from references import attention, costs, decisions, fields, generative, graphs, images  # noqa: E402
from references.functions import Array  # noqa: E402

PAGE = GALLERY / "NETWORKS.md"


@dataclass(frozen=True)
class Carried:
    """Numbers that a test of this folder carries; `names` are the networks of that test, each in a table or with a test of its own."""

    whose: str
    test: str


TORCH = Carried("PyTorch", "test_problems_beside_torch:PROBLEMS")
TORCH_LAYERS = Carried("PyTorch", "test_layers_beside_torch:NUMBERS")
REPORTED = Carried("PyTorch and mpmath", "test_reported_numbers:REPORTED")


def printed(test: str) -> Carried:
    """What the source itself prints."""
    return Carried("printed by the source", f"test_others_problems:{test}")


@dataclass(frozen=True)
class Published:
    """A network by its description in the folder cases, or, of layers, by its name in `published_layers`.

    `numbers` are carried by a test, or they come from a cost in NumPy alone and from complex steps through it. `awkward` says what an
    author would have written otherwise, where the language made it so.
    """

    name: str
    what: str
    by: str
    numbers: Carried | Callable[..., Array]
    awkward: str = ""

    @property
    def whose(self) -> str:
        return self.numbers.whose if isinstance(self.numbers, Carried) else "NumPy, complex steps"

    @property
    def home(self) -> Path:
        is_of_layers = self.numbers is TORCH_LAYERS
        return ROOT / "tests" / "networks" / "published_layers.py" if is_of_layers else CASES / f"{self.name}.toml"


#: By subject, in the order of the page.
CORPUS: dict[str, Sequence[Published]] = {
    "Sequences": (
        Published("gomez", "Long short-term memory", "Hochreiter and Schmidhuber, 1997", printed("test_long_short_term_memory_by_hand")),
        Published("peephole", "Peepholes", "Gers and Schmidhuber, 2000", TORCH),
        Published("gru_reset_after", "Gated recurrent unit", "Cho et al., 2014", TORCH),
        Published("layer_norm_rnn", "Layer normalisation", "Ba, Kiros and Hinton, 2016", TORCH),
        Published("bahdanau", "Additive attention of a translator", "Bahdanau, Cho and Bengio, 2015", TORCH),
        Published("pointer_network", "Pointer network", "Vinyals, Fortunato and Jaitly, 2015", graphs.pointer_network),
        Published("captioning_rnn", "Captions of images", "Karpathy and Fei-Fei, 2015", printed("TestCaptions")),
        Published(
            "captioning_lstm",
            "Captions of images, with a long short-term memory",
            "Vinyals et al., 2015",
            printed("TestCaptions"),
            awkward="gates in one array are read at offsets that are numbers",
        ),
        Published("tagger", "Bidirectional tagger", "Huang, Xu and Yu, 2015", TORCH_LAYERS),
        Published("wavenet", "WaveNet", "van den Oord et al., 2016", TORCH_LAYERS),
        Published("end_to_end_memory", "End-to-end memory network", "Sukhbaatar et al., 2015", graphs.end_to_end_memory),
        Published("diagonal_state_space", "Diagonal state space model (S4D)", "Gu et al., 2022", attention.diagonal_state_space),
        Published("time_mixing", "RWKV's time mixing", "Peng et al., 2023", attention.time_mixing),
        Published("selective_scan", "Mamba's selective scan", "Gu and Dao, 2023", TORCH),
        Published("extended_memory", "xLSTM's scalar memory", "Beck et al., 2024", attention.extended_memory),
        Published("delta_rule", "Delta rule's linear transformer", "Yang et al., 2024", attention.delta_rule),
    ),
    "Attention": (
        Published("self_attention", "Self-attention", "Vaswani et al., 2017", printed("test_self_attention")),
        Published("language_model", "Causal attention with tied embeddings", "Press and Wolf, 2017", TORCH),
        Published("gpt2_block", "GPT-2's block", "Radford et al., 2019", TORCH_LAYERS),
        Published("rotary", "Rotary positions", "Su et al., 2021", TORCH),
        Published("set_transformer", "Set transformer's pooling", "Lee et al., 2019", attention.set_transformer),
        Published("linear_attention", "Linear attention", "Katharopoulos et al., 2020", attention.linear_attention),
        Published("linear_biases", "Linear biases (ALiBi)", "Press, Smith and Lewis, 2022", attention.linear_biases),
        Published("vision_transformer", "Vision transformer", "Dosovitskiy et al., 2021", attention.vision_transformer),
        Published("modern_hopfield", "Modern Hopfield network", "Ramsauer et al., 2021", generative.modern_hopfield),
        Published("retention", "Retentive network", "Sun et al., 2023", attention.retention),
        Published("llama_block", "Llama's block, with grouped queries", "Touvron et al., 2023", TORCH_LAYERS),
    ),
    "Images": (
        Published("local_response", "Local response normalisation", "Krizhevsky, Sutskever and Hinton, 2012", TORCH),
        Published("highway", "Highway network", "Srivastava, Greff and Schmidhuber, 2015", TORCH),
        Published("u_net", "U-Net", "Ronneberger, Fischer and Brox, 2015", TORCH_LAYERS),
        Published("residual_stem", "Residual network's stem", "He et al., 2016", TORCH_LAYERS),
        Published("smoothed_labels", "Smoothed labels", "Szegedy et al., 2016", TORCH),
        Published("dice", "V-Net's dice coefficient", "Milletari, Navab and Ahmadi, 2016", images.dice),
        Published("binarised", "Binarised network", "Hubara et al., 2016", TORCH),
        Published("depthwise_separable", "MobileNet's separable convolution", "Howard et al., 2017", images.depthwise_separable),
        Published("grouped_residual", "ResNeXt's groups", "Xie et al., 2017", images.grouped_residual),
        Published("capsules", "Capsules", "Sabour, Frosst and Hinton, 2017", images.capsules),
        Published("squeeze_and_excitation", "Squeeze and excitation", "Hu, Shen and Sun, 2018", TORCH),
        Published("residual_groups", "Group normalisation", "Wu and He, 2018", TORCH_LAYERS),
        Published("style", "StyleGAN's adaptive normalisation", "Karras, Laine and Aila, 2019", TORCH_LAYERS),
        Published("mlp_mixer", "MLP-Mixer", "Tolstikhin et al., 2021", attention.mlp_mixer),
        Published("radiance_field", "NeRF's rendering", "Mildenhall et al., 2020", TORCH),
    ),
    "Densities and images made": (
        Published("free_energy", "Restricted Boltzmann machine", "Hinton, 2002", generative.free_energy),
        Published("variational_autoencoder", "Variational autoencoder", "Kingma and Welling, 2014", generative.variational_autoencoder),
        Published("adversarial", "Generative adversarial network", "Goodfellow et al., 2014", decisions.adversarial),
        Published("planar_flow", "Planar flow", "Rezende and Mohamed, 2015", generative.planar_flow),
        Published("real_nvp", "Real NVP", "Dinh, Sohl-Dickstein and Bengio, 2017", generative.real_nvp),
        Published("wgan_gp", "Wasserstein critic with a gradient penalty", "Gulrajani et al., 2017", TORCH),
        Published("gumbel_softmax", "Gumbel-softmax", "Jang, Gu and Poole, 2017", fields.gumbel_softmax),
        Published(
            "vector_quantised_autoencoder",
            "Autoencoder with a code book",
            "van den Oord, Vinyals and Kavukcuoglu, 2017",
            TORCH,
            awkward="the nearest code is a mask of comparisons",
        ),
        Published("spectral_discriminator", "Spectral normalisation", "Miyato et al., 2018", TORCH_LAYERS),
        Published("denoising_diffusion", "Denoising diffusion", "Ho, Jain and Abbeel, 2020", generative.denoising_diffusion),
    ),
    "Words": (
        Published("negative_sampling", "Negative sampling", "Mikolov et al., 2013", TORCH),
        Published("word2vec", "Skip-gram model", "Mikolov et al., 2013", printed("test_word_vectors")),
        Published("fast_text", "fastText", "Joulin et al., 2017", TORCH_LAYERS),
    ),
    "Graphs": (
        Published("graph_convolution", "Graph convolution", "Kipf and Welling, 2017", graphs.graph_convolution),
        Published("message_passing", "Message passing", "Gilmer et al., 2017", graphs.message_passing),
        Published("graph_attention", "Graph attention", "Velickovic et al., 2018", graphs.graph_attention),
        Published("graph_isomorphism", "Graph isomorphism network", "Xu et al., 2019", graphs.graph_isomorphism),
    ),
    "Likelihoods by recurrences": (
        Published("kalman", "Kalman filter", "Kalman, 1960", TORCH),
        Published("ice_cream", "Hidden Markov model", "Baum et al., 1970", printed("TestIceCream")),
        Published("conditional_random_field", "Conditional random field", "Lafferty, McCallum and Pereira, 2001", TORCH),
        Published(
            "ctc",
            "Connectionist temporal classification",
            "Graves et al., 2006",
            printed("TestConnectionistTemporalClassification"),
            awkward="which labels may be skipped is an input",
        ),
        Published("soft_dtw", "Soft dynamic time warping", "Cuturi and Blondel, 2017", TORCH),
    ),
    "Costs": (
        Published("hinge", "Multiclass support vector machine", "Weston and Watkins, 1999", printed("test_hinge")),
        Published("distillation", "Distillation", "Hinton, Vinyals and Dean, 2015", fields.distillation),
        Published("triplet_margin", "FaceNet's triplets", "Schroff, Kalenichenko and Philbin, 2015", TORCH),
        Published("focal", "Focal loss", "Lin et al., 2017", printed("test_focal_loss")),
        Published("contrast", "Contrastive predictive coding", "van den Oord, Li and Vinyals, 2018", TORCH),
        Published("continuous_bernoulli", "Continuous Bernoulli distribution", "Loaiza-Ganem and Cunningham, 2019", REPORTED),
        Published("mish", "Mish", "Misra, 2019", REPORTED),
        Published("arc_face", "ArcFace", "Deng et al., 2019", costs.arc_face),
        Published("sim_clr", "SimCLR", "Chen et al., 2020", costs.sim_clr),
        Published("barlow_twins", "Barlow twins", "Zbontar et al., 2021", costs.barlow_twins),
        Published("language_image", "CLIP", "Radford et al., 2021", costs.language_image),
        Published("bootstrapped_views", "Bootstrapped views (BYOL)", "Grill et al., 2020", TORCH),
    ),
    "Decisions": (
        Published("policy_gradient", "Policy gradient with a baseline", "Williams, 1992", TORCH),
        Published("deep_q_learning", "Deep Q-learning", "Mnih et al., 2015", TORCH),
        Published("dueling", "Dueling network", "Wang et al., 2016", decisions.dueling),
        Published("advantage", "Generalised advantages", "Schulman et al., 2016", decisions.advantage),
        Published("proximal_policy", "Proximal policy optimisation", "Schulman et al., 2017", TORCH),
        Published("soft_actor_critic", "Soft actor and critic", "Haarnoja et al., 2018", decisions.soft_actor_critic),
        Published("direct_preference", "Direct preference optimisation", "Rafailov et al., 2023", costs.direct_preference),
    ),
    "Steps, solutions and mixtures": (
        Published("cox", "Proportional hazards", "Cox, 1972", REPORTED),
        Published("ridge", "Ridge regression in closed form", "Hoerl and Kennard, 1970", TORCH),
        Published("mixture_density", "Mixture density network", "Bishop, 1994", TORCH),
        Published("gaussian_process", "Gaussian process", "Rasmussen and Williams, 2006", TORCH),
        Published(
            "mixture_of_experts",
            "Mixture of experts",
            "Shazeer et al., 2017",
            costs.mixture_of_experts,
            awkward="the best two are those with fewer than two better ones",
        ),
        Published("sinkhorn", "Sinkhorn's distance", "Cuturi, 2013", fields.sinkhorn),
        Published("hypernetwork", "Hypernetwork", "Ha, Dai and Le, 2017", fields.hypernetwork),
        Published("deep_sets", "Deep sets", "Zaheer et al., 2017", fields.deep_sets),
        Published("maml", "Learning to learn by descent (MAML)", "Finn, Abbeel and Levine, 2017", TORCH),
        Published("neural_ode", "Neural differential equation", "Chen et al., 2018", costs.neural_ode),
        Published("physics_informed", "Physics-informed network", "Raissi, Perdikaris and Karniadakis, 2019", fields.physics_informed),
        Published("hamiltonian", "Hamiltonian network", "Greydanus, Dzamba and Yosinski, 2019", fields.hamiltonian),
        Published("invariant_risk", "Invariant risk minimisation", "Arjovsky et al., 2019", fields.invariant_risk),
        Published("low_rank_adaptation", "Low-rank adaptation", "Hu et al., 2022", fields.low_rank_adaptation),
        Published("equilibrium", "Deep equilibrium layer", "Bai, Kolter and Koltun, 2019", TORCH),
        Published("siren", "Sinusoidal representation, and its gradient", "Sitzmann et al., 2020", fields.siren),
        Published("kolmogorov_arnold", "Kolmogorov-Arnold network", "Liu et al., 2024", fields.kolmogorov_arnold),
    ),
}
ALL = tuple(published for subject in CORPUS.values() for published in subject)


def page() -> str:
    """The table in Markdown."""
    awkward = sum(bool(published.awkward) for published in ALL)
    lines = [
        "# Published networks",
        "",
        f"{len(ALL)} networks, as their authors write them. Each is derived and built as a plain and as a fast module, and its",
        "cost and all of its gradients are held against numbers that share nothing with this tool: those of PyTorch's autograd for the",
        "same network, those that the source prints, or complex steps through a cost that is written in NumPy alone",
        "([these](../tests/problems/references)), which hold modules in C too, where there is one.",
        f"{len(ALL) - awkward} are written naturally, {awkward} are not, for the reason that",
        "stands there.",
        "`python tests/problems/corpus.py` writes this page.",
    ]
    for subject, rows in CORPUS.items():
        lines += ["", f"## {subject}", "", "| network | publication | numbers | written |", "| :-- | :-- | :-- | :-- |"]
        for published in rows:
            home = f"../{published.home.relative_to(ROOT).as_posix()}"
            written = f"awkward: {published.awkward}" if published.awkward else "natural"
            lines.append(f"| [{published.what}]({home}) | {published.by} | {published.whose} | {written} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
