using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>The probabilities of the row a cursor stands at.</summary>
internal abstract class ProbabilityReader
{
    /// <summary>Asks the model and fills in the probability of each class.</summary>
    public abstract void Read(Span<double> destination);

    /// <summary>A getter of the model's own column, which answers what was read last.</summary>
    /// <param name="refresh">Reads, if the row has not been read.</param>
    public abstract Delegate Source(Action refresh);

    // A softmax in single precision may end a rounding error outside.
    protected static double Rounded(float p)
    {
        const double Rounding = 1e-5;
        return p < 0 && p > -Rounding ? 0 : p > 1 && p < 1 + Rounding ? 1 : p;
    }
}

/// <summary>One probability per class.</summary>
internal sealed class VectorReader(ValueGetter<VBuffer<float>> getter) : ProbabilityReader
{
    private VBuffer<float> _scores;

    public override void Read(Span<double> destination)
    {
        getter(ref _scores);
        ReadOnlySpan<float> values = _scores.GetValues();
        if (_scores.IsDense)
        {
            for (int k = 0; k < values.Length; k++) destination[k] = Rounded(values[k]);
            return;
        }

        destination.Clear();
        ReadOnlySpan<int> indices = _scores.GetIndices();
        for (int i = 0; i < values.Length; i++) destination[indices[i]] = Rounded(values[i]);
    }

    public override Delegate Source(Action refresh) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        refresh();
        _scores.CopyTo(ref value);
    });
}

/// <summary>The probability of yes.</summary>
internal sealed class YesReader(ValueGetter<float> getter) : ProbabilityReader
{
    private float _yes;

    public override void Read(Span<double> destination)
    {
        getter(ref _yes);
        destination[1] = Rounded(_yes);
        destination[0] = 1 - destination[1];
    }

    public override Delegate Source(Action refresh) => (ValueGetter<float>)((ref float value) =>
    {
        refresh();
        value = _yes;
    });
}
