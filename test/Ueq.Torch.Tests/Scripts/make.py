"""Writes dropout.pt and traced.pt: TorchScript archives by hand, so that making them needs no PyTorch.

    python3 make.py

3 features; a linear layer to (a, b, c, a + b + c); batch norm with mean 0.5 and variance 2; dropout one half; the sum plus 0.5.
Every layer is saved in training. In traced.pt dropout asks nobody whether it is training, as after a trace in evaluation.
"""
import struct
import zipfile

CODE = '''class Model(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  first : __torch__.Linear
  norm : __torch__.BatchNorm
  dropout : __torch__.Dropout
  second : __torch__.Linear
  def forward(self: __torch__.Model,
    x: Tensor) -> Tensor:
    h = (self.first).forward(x, )
    n = (self.norm).forward(h, )
    d = (self.dropout).forward(n, )
    return (self.second).forward(d, )
class Linear(Module):
  __parameters__ = ["weight", "bias", ]
  __buffers__ = []
  weight : Tensor
  bias : Tensor
  training : bool
  def forward(self: __torch__.Linear,
    x: Tensor) -> Tensor:
    return torch.linear(x, self.weight, self.bias)
class BatchNorm(Module):
  __parameters__ = ["weight", "bias", ]
  __buffers__ = ["running_mean", "running_var", ]
  weight : Tensor
  bias : Tensor
  running_mean : Tensor
  running_var : Tensor
  training : bool
  def forward(self: __torch__.BatchNorm,
    x: Tensor) -> Tensor:
    training = self.training
    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, training, 0.10000000000000001, 1.0000000000000001e-05, True)
class Dropout(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def forward(self: __torch__.Dropout,
    x: Tensor) -> Tensor:
    training = self.training
    return torch.dropout(x, 0.5, training)
'''


def text(value):
    return b'X' + struct.pack('<I', len(value)) + value.encode()


def name(module, item):
    return f'c{module}\n{item}\n'.encode()


def numbers(values):
    return b'(' + b''.join(b'K' + bytes([value]) for value in values) + b't'


class Archive:
    def __init__(self):
        self.storages = []

    def tensor(self, values, shape):
        key = str(len(self.storages))
        self.storages.append(struct.pack(f'<{len(values)}f', *values))
        strides, step = [], 1
        for size in reversed(shape):
            strides.insert(0, step)
            step *= size
        storage = b'(' + text('storage') + name('torch', 'FloatStorage') + text(key) + text('cpu') + b'K' + bytes([len(values)]) + b'tQ'
        hooks = name('collections', 'OrderedDict') + b')R'
        return name('torch._utils', '_rebuild_tensor_v2') + b'(' + storage + b'K\x00' + numbers(shape) + numbers(strides) + b'\x89' + hooks + b'tR'

    def layer(self, kind, **attributes):
        state = b''.join(text(key) + value for key, value in attributes.items()) + text('training') + b'\x88'
        return name('__torch__', kind) + b')\x81}(' + state + b'ub'

    def write(self, path, model, code):
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as file:
            def add(entry, content):
                file.writestr(zipfile.ZipInfo('model/' + entry, (1980, 1, 1, 0, 0, 0)), content)

            add('data.pkl', b'\x80\x02' + model + b'.')
            add('code/__torch__.py', code)
            add('constants.pkl', b'\x80\x02).')
            for key, content in enumerate(self.storages):
                add(f'data/{key}', content)
            add('version', '3\n')


def make(path, code):
    archive = Archive()
    first = archive.layer('Linear', weight=archive.tensor([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1], [4, 3]), bias=archive.tensor([0] * 4, [4]))
    norm = archive.layer(
        'BatchNorm', weight=archive.tensor([1] * 4, [4]), bias=archive.tensor([0] * 4, [4]),
        running_mean=archive.tensor([0.5] * 4, [4]), running_var=archive.tensor([2] * 4, [4]))
    second = archive.layer('Linear', weight=archive.tensor([1] * 4, [1, 4]), bias=archive.tensor([0.5], [1]))
    archive.write(path, archive.layer('Model', first=first, norm=norm, dropout=archive.layer('Dropout'), second=second), code)


make('dropout.pt', CODE)
make('traced.pt', CODE.replace('torch.dropout(x, 0.5, training)', 'torch.dropout(x, 0.5, False)'))
