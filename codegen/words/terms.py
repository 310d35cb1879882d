"""Terms of the field in Chinese, each decided once: what it is called in Taiwan and on the mainland, and what it is not called there.

A catalogue says a term in these words alone; forms that are not for it are patterns, as "單元" is no neuron but part of "閘控遞迴單元".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """`taiwan` and `mainland` are the words chosen; `not_taiwan` and `not_mainland` patterns of words that are not used for it."""

    english: str
    taiwan: str
    mainland: str
    not_taiwan: tuple[str, ...] = ()
    not_mainland: tuple[str, ...] = ()


TERMS = (
    Term("forward pass", "前向傳播", "前向传播", ("前向傳遞", "正向傳播", "前饋傳播"), ("前向传递", "正向传播")),
    Term("backward pass", "反向傳播", "反向传播", ("反向傳遞", "倒傳遞", "逆向傳播"), ("反向传递", "逆向传播")),
    Term("chain rule", "連鎖律", "链式法则", ("鏈式法則", "連鎖法則", "鏈鎖律"), ("连锁律", "链锁法则", "链式规则")),
    # The value; the act is 微分 and 求导.
    Term("derivative", "導數", "导数", ("偏微分",), ("偏微分", "微商")),
    Term("gradient", "梯度", "梯度", ("斜度",), ()),
    Term("gradient descent", "梯度下降", "梯度下降", ("坡度下降",), ()),
    Term("cost", "損失", "损失", ("成本", "代價"), ("成本", "代价")),
    Term("weight", "權重", "权重", ("權值(?!）)",), ("权值",)),
    Term("bias", "偏置", "偏置", ("偏差", "偏誤", "偏移"), ("偏差", "偏移")),
    Term("activation function", "活化函數", "激活函数", ("激活", "激勵函數", "啟動函數"), ("激励函数", "活化")),
    Term("neuron", "神經元", "神经元", ("單元(?!（GRU）)",), ("单元(?!（GRU）|格)",)),
    Term("layer", "層", "层"),
    Term("parameter", "參數", "参数", ("參量",), ("参量",)),
    Term("input", "輸入", "输入"),
    Term("output", "輸出", "输出"),
    Term("target", "目標值", "目标值", ("目標(?!值)",), ("目标(?!值)",)),
    Term("example", "樣本", "样本", ("樣例",), ("样例",)),
    Term("batch", "批次", "批", ("批量",), ("批次",)),
    Term("learning rate", "學習率", "学习率", ("學習速率",), ("学习速率",)),
    Term("matrix", "矩陣", "矩阵"),
    Term("array", "陣列", "数组", ("數組",), ("阵列",)),
    Term("shape", "形狀", "形状"),
    Term("transpose", "轉置", "转置"),
    # Opposite words: a row is 列 in Taiwan, a column 列 on the mainland.
    Term("row", "橫列", "行", ("一列(?!數)",), ()),
    Term("column", "直行", "列", (), ("直行",)),
    Term("numeric", "數值", "数值"),
    Term("computational graph", "計算圖", "计算图"),
    Term("node", "節點", "节点", ("結點",), ("结点",)),
    Term("path", "路徑", "路径", ("途徑",), ("途径",)),
    Term("module", "程式", "程序", ("模組(?! |\\Z)",), ("模块(?! |\\Z)",)),
    Term("Kronecker", "克羅內克", "克罗内克", ("克氏",), ("克氏",)),
    Term("Hadamard product", "逐元素乘積", "逐元素乘积", ("按元素",), ("按元素",)),
    Term("Jacobian", "雅可比矩陣", "雅可比矩阵", ("亞可比",), ("雅克比",)),
    Term("Hessian", "海森矩陣", "黑塞矩阵", ("黑塞",), ("海森",)),
    Term("second derivative", "二階", "二阶"),
    Term("error", "誤差", "误差"),
)
