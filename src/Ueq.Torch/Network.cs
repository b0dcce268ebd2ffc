using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>A module with what stands before and after it: device, standardisation, head. Does not own the module.</summary>
internal sealed class Network(nn.Module<Tensor, Tensor> module, Device device, TorchHead head, Standardisation scaling)
{
    public nn.Module<Tensor, Tensor> Module => module;

    public Device Device => device;

    public TorchHead Head => head;

    public Standardisation Scaling => scaling;

    public int Features => scaling.Means.Length;

    /// <summary>
    /// The output for every row, <paramref name="copies"/> times over in one forward pass: copy 0 of all rows, then copy 1, and so on.
    /// What the module leaves behind is disposed.
    /// </summary>
    public float[] Forward(FeatureMatrix x, int copies)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Copies(x, copies);
        Tensor output = Call(rows);
        Heads.Check(head, output.shape, (long)copies * x.Rows);
        return Values(output);
    }

    /// <summary>The module's answer.</summary>
    /// <exception cref="ArgumentException">The module cannot take the rows.</exception>
    public Tensor Call(Tensor rows)
    {
        try
        {
            return module.call(rows);
        }
        catch (ExternalException fault)
        {
            throw new ArgumentException($"Expected a module that takes rows of the shape {string.Join(" × ", rows.shape)}, but it failed: {Said(fault)}", fault);
        }
    }

    /// <summary>What went wrong in one line: Torch says the rest of its message to its own developers.</summary>
    public static string Said(ExternalException fault)
    {
        string[] lines = fault.Message.Split('\n');
        return (Array.Find(lines, line => line.Split(' ')[0].EndsWith("Error:", StringComparison.Ordinal)) ?? lines[0]).Trim();
    }

    // By hand on the processor: each operation of Torch costs more than the copying of a few rows.
    private Tensor Copies(FeatureMatrix x, int copies)
    {
        if (copies == 1) return Rows(x);
        if (device.type != DeviceType.CPU) return Rows(x).unsqueeze(0).expand(copies, x.Rows, x.Columns).reshape((long)copies * x.Rows, x.Columns);
        Tensor rows = empty((long)copies * x.Rows, x.Columns, dtype: ScalarType.Float32);
        if (x.Rows == 0) return rows;
        Span<float> values = MemoryMarshal.Cast<byte, float>(rows.bytes), first = values[..(x.Rows * x.Columns)];
        scaling.Apply(x, first);
        for (int copy = 1; copy < copies; copy++) first.CopyTo(values[(copy * first.Length)..]);
        return rows;
    }

    /// <summary>The standardised rows on the device.</summary>
    public Tensor Rows(FeatureMatrix x)
    {
        Tensor rows = empty(x.Rows, x.Columns, dtype: ScalarType.Float32);
        if (x.Rows > 0) scaling.Apply(x, MemoryMarshal.Cast<byte, float>(rows.bytes));
        return device.type == DeviceType.CPU ? rows : rows.to(device);
    }

    public static float[] Values(Tensor output)
    {
        bool ready = output.dtype == ScalarType.Float32 && output.device_type == DeviceType.CPU && !output.requires_grad && output.is_contiguous();
        return MemoryMarshal.Cast<byte, float>((ready ? output : output.detach().to(ScalarType.Float32).cpu().contiguous()).bytes).ToArray();
    }

    /// <summary>A guess of the bytes that one row takes in the middle of a forward pass: its features and the outputs of all layers.</summary>
    public long BytesPerRow()
    {
        long values = Features;
        foreach (TorchSharp.Modules.Parameter parameter in module.parameters())
            if (parameter.shape is { Length: >= 2 } shape) values += 2 * shape[0];
        return values * sizeof(float);
    }
}
