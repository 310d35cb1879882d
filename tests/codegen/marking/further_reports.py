"""Further mistakes that people reported: in penalties, slopes, the order of updates and the gates of a recurrent cell."""

from __future__ import annotations

from reported_works import Report

from chainrule import Dense, Network

FURTHER_REPORTS: dict[str, Report] = {}
THETAS = """
name = "two"
inputs = ["x[n,i]"]
targets = ["y[n,k]"]
parameters = ["theta1[i,j]", "b1[j]", "theta2[j,k]", "b2[k]"]
batch = "n"
equations = '''
z1[n,j] = sum(i, x[n,i]*theta1[i,j]) + b1[j]
h1[n,j] = sigmoid(z1[n,j])
z2[n,k] = sum(j, h1[n,j]*theta2[j,k]) + b2[k]
h2[n,k] = sigmoid(z2[n,k])
C = sum(n, k, (h2[n,k] - y[n,k])**2)/2
'''
"""
FURTHER_REPORTS["slope_of_the_error"] = Report(
    "datascience.stackexchange.com/questions/20139: the sigmoid's slope is written with the error in place of the output",
    THETAS,
    """
z1 = x.dot(theta1) + b1
h1 = 1/(1+np.exp(-z1))
z2 = h1.dot(theta2) + b2
h2 = 1/(1+np.exp(-z2))
dh2 = h2 - y
dz2 = dh2*h2*(1-h2)
H1 = np.transpose(h1)
dw2 = np.dot(H1, dz2)
db2 = np.sum(dz2, axis=0, keepdims=True)
dh1 = np.dot(dz2, np.transpose(theta2))
dz1 = dh1*h1*(1-h1)
X1 = np.transpose(x)
dw1 = np.dot(X1, dz1)
db1 = np.sum(dz1, axis=0, keepdims=True)
theta1 -= alpha*dw1
b1 -= alpha*db1
theta2 -= alpha*dw2
b2 -= alpha*db2
""",
    "dz2 = dh2*h2*(1-h2)",
    "dz2 = dh2*(1-dh2)",
    "operand",
)
HINGE = """
name = "svm"
inputs = ["X[n,d]"]
targets = ["y[n] in c"]
parameters = ["W[d,c]"]
batch = "n"
equations = '''
scores[n,c] = sum(d, X[n,d]*W[d,c])
C = mean(n, sum(c, maximum(0, scores[n,c] - scores[n,y[n]] + 1)) - 1) + reg*sum(d, c, W[d,c]**2)
'''
[constants]
reg = 0.1
"""
FURTHER_REPORTS["penalty_without_its_2"] = Report(
    "jingtinghuang/CS231n-Spring-2017, issue 3: the gradient of reg times the squares lacks its factor of 2",
    HINGE,
    """
def svm_loss_vectorized(W, X, y, reg):
    loss = 0.0
    dW = np.zeros(W.shape)
    num_train = X.shape[0]
    scores = X.dot(W)
    correct_class_scores = scores[np.arange(num_train), y].reshape(num_train, 1)
    margins = np.maximum(0, scores - correct_class_scores + 1)
    margins[np.arange(num_train), y] = 0
    loss = np.sum(margins) / num_train
    loss += reg * np.sum(W * W)
    mask = np.zeros(margins.shape)
    mask[margins > 0] = 1
    mask[np.arange(num_train), y] = -np.sum(mask, axis=1)
    dW = X.T.dot(mask)
    dW /= num_train
    dW += 2 * reg * W
    return loss, dW
""",
    "dW += 2 * reg * W",
    "dW += reg * W",
    "penalty",
)
FURTHER_REPORTS["penalty_taken_off"] = Report(
    "andersbll/nnet, issue 4: the penalty's part is subtracted from the gradient",
    Network(3, [Dense(4, "tanh"), Dense(2)], "squared_error", regularisation={"l2": 0.1}),
    """
class Linear:
    def __init__(self, n_in, n_out, weight_decay):
        self.W = np.random.normal(size=(n_in, n_out))
        self.b = np.zeros(n_out)
        self.weight_decay = weight_decay
    def fprop(self, x):
        self.last_input = x
        return np.dot(x, self.W) + self.b
    def bprop(self, output_grad):
        n = output_grad.shape[0]
        self.dW = np.dot(self.last_input.T, output_grad)/n + 2*self.weight_decay*self.W
        self.db = np.mean(output_grad, axis=0)
        return np.dot(output_grad, self.W.T)

class Activation:
    def fprop(self, x):
        self.last_input = x
        return np.tanh(x)
    def bprop(self, output_grad):
        return output_grad * (1 - np.tanh(self.last_input)**2)

def train(X, Y, weight_decay):
    layers = [Linear(3, 4, weight_decay), Activation(), Linear(4, 2, weight_decay)]
    out = X
    for layer in layers:
        out = layer.fprop(out)
    grad = 2 * (out - Y)
    for layer in reversed(layers):
        grad = layer.bprop(grad)
""",
    "+ 2*self.weight_decay*self.W",
    "- 2*self.weight_decay*self.W",
    "penalty",
)
FURTHER_REPORTS["diagonal_of_softmax"] = Report(
    "deeplearning4j/libnd4j, issue 440: the derivative of softmax is a(1 - a), the diagonal alone; the sum is missing",
    Network(3, [Dense(4, "tanh"), Dense(5, "softmax")], "quadratic"),
    """
def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def backward(x, y):
    N = x.shape[0]
    h = np.tanh(x @ W1.T + b1)
    p = softmax(h @ W2.T + b2)
    dp = (p - y) / N
    dscores = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    dW2 = dscores.T @ h
    db2 = dscores.sum(axis=0)
    dh = (dscores @ W2) * (1 - h**2)
    dW1 = dh.T @ x
    db1 = dh.sum(axis=0)
    return dW1, db1, dW2, db2
""",
    "p * (dp - np.sum(dp * p, axis=1, keepdims=True))",
    "dp * p * (1 - p)",
    "path",
)
ONLINE = """
def train(x, target):
    hidden = sigmoid(W1 @ x + b1)
    output = sigmoid(W2 @ hidden + b2)
    output_delta = (output - target) * output * (1 - output)
    hidden_error = W2.T @ output_delta
    W2 -= learning_rate * np.outer(output_delta, hidden)
    b2 -= learning_rate * output_delta
    hidden_delta = hidden_error * hidden * (1 - hidden)
    W1 -= learning_rate * np.outer(hidden_delta, x)
    b1 -= learning_rate * hidden_delta
"""
TWO_SIGMOIDS = Network(3, [Dense(4, "sigmoid"), Dense(2, "sigmoid")], "quadratic", reduction="sum")
FURTHER_REPORTS["weights_updated_early"] = Report(
    "joelgrus/data-science-from-scratch, issue 31, and kim-marcel/basic_neural_network, issue 7: weights are updated too early",
    TWO_SIGMOIDS,
    ONLINE,
    "    hidden_error = W2.T @ output_delta\n    W2 -= learning_rate * np.outer(output_delta, hidden)\n",
    "    W2 -= learning_rate * np.outer(output_delta, hidden)\n    hidden_error = W2.T @ output_delta\n",
    "update-order",
)
FURTHER_REPORTS["output_without_slope"] = Report(
    "Bot-Academy/NeuralNetworkFromScratch, pull request 3: the derivative of the output's sigmoid is missing",
    TWO_SIGMOIDS,
    ONLINE,
    "output_delta = (output - target) * output * (1 - output)",
    "output_delta = output - target",
    "factor",
)
LSTM = """
name = "lstm"
inputs = ["x[t,i]"]
targets = ["y[t,j]"]
parameters = ["Wf[j,i]", "Uf[j,l]", "bf[j]", "Wi[j,i]", "Ui[j,l]", "bi[j]", "Wg[j,i]", "Ug[j,l]", "bg[j]", "Wo[j,i]", "Uo[j,l]", "bo[j]"]
equations = '''
f[t,j] = sigmoid(sum(i, Wf[j,i]*x[t,i]) + sum(l, Uf[j,l]*h[t-1,l]) + bf[j])
i_[t,j] = sigmoid(sum(i, Wi[j,i]*x[t,i]) + sum(l, Ui[j,l]*h[t-1,l]) + bi[j])
g[t,j] = tanh(sum(i, Wg[j,i]*x[t,i]) + sum(l, Ug[j,l]*h[t-1,l]) + bg[j])
o[t,j] = sigmoid(sum(i, Wo[j,i]*x[t,i]) + sum(l, Uo[j,l]*h[t-1,l]) + bo[j])
s[t,j] = f[t,j]*s[t-1,j] + i_[t,j]*g[t,j]
h[t,j] = o[t,j]*tanh(s[t,j])
C = sum(t, j, (h[t,j] - y[t,j])**2)/2
'''
"""
CELL = """
def lstm(x, y):
    T, H = x.shape[0], bf.shape[0]
    fs, is_, gs, os, ss, hs = [], [], [], [], [], []
    h_prev, s_prev = np.zeros(H), np.zeros(H)
    for t in range(T):
        f = sigmoid(Wf @ x[t] + Uf @ h_prev + bf)
        i = sigmoid(Wi @ x[t] + Ui @ h_prev + bi)
        g = np.tanh(Wg @ x[t] + Ug @ h_prev + bg)
        o = sigmoid(Wo @ x[t] + Uo @ h_prev + bo)
        s_prev = f * s_prev + i * g
        h_prev = o * np.tanh(s_prev)
        fs.append(f)
        is_.append(i)
        gs.append(g)
        os.append(o)
        ss.append(s_prev)
        hs.append(h_prev)
    dWf, dUf, dbf = np.zeros_like(Wf), np.zeros_like(Uf), np.zeros_like(bf)
    dWi, dUi, dbi = np.zeros_like(Wi), np.zeros_like(Ui), np.zeros_like(bi)
    dWg, dUg, dbg = np.zeros_like(Wg), np.zeros_like(Ug), np.zeros_like(bg)
    dWo, dUo, dbo = np.zeros_like(Wo), np.zeros_like(Uo), np.zeros_like(bo)
    dh_next, ds_next = np.zeros(H), np.zeros(H)
    for t in reversed(range(T)):
        h_before = hs[t-1] if t > 0 else np.zeros(H)
        s_before = ss[t-1] if t > 0 else np.zeros(H)
        dh = hs[t] - y[t] + dh_next
        do = dh * np.tanh(ss[t])
        do = do * os[t] * (1 - os[t])
        ds = ds_next + dh * os[t] * (1 - np.tanh(ss[t])**2)
        dg = ds * is_[t]
        dg = dg * (1 - gs[t]**2)
        di = ds * gs[t]
        di = di * is_[t] * (1 - is_[t])
        df = ds * s_before
        df = df * fs[t] * (1 - fs[t])
        dWf += np.outer(df, x[t])
        dUf += np.outer(df, h_before)
        dbf += df
        dWi += np.outer(di, x[t])
        dUi += np.outer(di, h_before)
        dbi += di
        dWg += np.outer(dg, x[t])
        dUg += np.outer(dg, h_before)
        dbg += dg
        dWo += np.outer(do, x[t])
        dUo += np.outer(do, h_before)
        dbo += do
        dh_next = Uf.T @ df + Ui.T @ di + Ug.T @ dg + Uo.T @ do
        ds_next = fs[t] * ds
    return dWf, dUf, dbf, dWi, dUi, dbi, dWg, dUg, dbg, dWo, dUo, dbo
"""
FURTHER_REPORTS["state_overwritten"] = Report(
    "apache/mxnet, issue 4057: what comes back to the cell's state from the next step is overwritten, not added to",
    LSTM,
    CELL,
    "ds = ds_next + dh * os",
    "ds = dh * os",
    "path",
)
FURTHER_REPORTS["bias_of_another_gate"] = Report(
    "hanbt/learn_dl, issue 53: the gradient of one gate's bias is computed of another gate's error",
    LSTM,
    CELL,
    "dbi += di",
    "dbi += df",
    "operand",
)
FURTHER_REPORTS["bias_of_another_gate_forward"] = Report(
    "ddbourgin/numpy-ml, issue 42: one gate's bias is added in another gate of the forward pass",
    LSTM,
    CELL,
    "Uf @ h_prev + bf)",
    "Uf @ h_prev + bo)",
    "operand",
)
