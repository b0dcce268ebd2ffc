namespace Ueq.Testing;

/// <summary>A subject, the rows it is tried on, and what it answered to them first.</summary>
internal sealed class Trial
{
    // Numbers on either side of each destination that a model must leave alone.
    private const int Guard = 16;
    private const double Untouched = -6.02214076e23;

    public Trial(Subject subject, FeatureMatrix rows, PredictorPromises promises)
    {
        Subject = subject;
        Rows = rows;
        Promises = promises;
        Reference = Answer("it answers legal rows", "asked for all rows", rows);
    }

    public Subject Subject { get; }

    public FeatureMatrix Rows { get; }

    public PredictorPromises Promises { get; }

    /// <summary>Per output the answers to all rows.</summary>
    public double[][] Reference { get; }

    /// <summary>The answers to rows, which the model must give, in places it must not leave.</summary>
    public double[][] Answer(string law, string done, FeatureMatrix x)
    {
        Destination[] destinations = [.. Subject.Outputs.Select(output => new Destination((long)x.Rows * output.Width))];
        float[] before = x.Values.ToArray();
        try
        {
            Subject.Ask(x, [.. destinations.Select(d => d.Memory)]);
        }
        catch (Exception fault)
        {
            throw Broken(law, done, null, "answers", Say(fault), fault);
        }

        CheckGuards(destinations, done);
        CheckInput(before, x, done);
        return [.. destinations.Select(d => d.Memory.ToArray())];
    }

    /// <summary>A call with one destination of a wrong length, or wrong rows, which must be refused.</summary>
    public void Refuse(string law, string done, FeatureMatrix x, int output, int elements)
    {
        Destination[] destinations = [.. Subject.Outputs.Select((o, i) => new Destination((long)x.Rows * o.Width + (i == output ? (long)elements * o.Size : 0)))];
        try
        {
            Subject.Ask(x, [.. destinations.Select(d => d.Memory)]);
        }
        catch (ArgumentException)
        {
            CheckGuards(destinations, done);
            return;
        }
        catch (Exception fault)
        {
            throw Broken(law, done, null, "an ArgumentException", Say(fault), fault);
        }

        throw Broken(law, done, null, "an ArgumentException", "an answer");
    }

    /// <summary>Each answer must be that of the row of the reference it belongs to.</summary>
    public void Same(string law, string done, double[][] got, Func<int, int> row, double rounding)
    {
        if (Promises.Rows == RowDependence.Draws) return;
        for (int o = 0; o < got.Length; o++)
        {
            Output output = Subject.Outputs[o];
            bool exact = output.Kind == OutputKind.Words;
            double largest = exact || rounding == 0 ? 0 : Reference[o].Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
            for (int i = 0; i < got[o].Length; i++)
            {
                int at = row(i / output.Width);
                double expected = Reference[o][at * output.Width + i % output.Width], value = got[o][i];
                if (exact ? BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(value) : expected.Equals(value)) continue;
                if (!exact && Math.Abs(expected - value) <= rounding * largest) continue;
                throw Broken(law, done, at, $"{output.Name} {Say(output, expected)}{(rounding > 0 ? $" to {Throw.Say(rounding)} of the largest" : "")}", Say(output, value));
            }
        }
    }

    public LawException Broken(string law, string done, int? row, string expected, string got, Exception? cause = null) =>
        new(law, Subject.Name, done, row, expected, got, cause);

    public static string Say(Exception fault) => $"{fault.GetType().Name} ({fault.Message})";

    private static string Say(Output output, double value) =>
        output.Kind == OutputKind.Words ? $"0x{BitConverter.DoubleToInt64Bits(value):x}" : Throw.Say(value);

    private void CheckGuards(Destination[] destinations, string done)
    {
        for (int o = 0; o < destinations.Length; o++)
            if (!destinations[o].IsIntact)
                throw Broken("it writes into its destination only", done, null, $"nothing written outside of {Subject.Outputs[o].Name}", "other numbers there");
    }

    private void CheckInput(float[] before, FeatureMatrix x, string done)
    {
        int wrong = Different(before, x.Values);
        if (wrong >= 0)
            throw Broken("it leaves the rows as they are", done, wrong / x.Columns, $"{Throw.Say(before[wrong])} in column {wrong % x.Columns} still", Throw.Say(x.Values[wrong]));
    }

    private static int Different(float[] before, ReadOnlySpan<float> after)
    {
        for (int i = 0; i < before.Length; i++)
            if (BitConverter.SingleToInt32Bits(before[i]) != BitConverter.SingleToInt32Bits(after[i])) return i;
        return -1;
    }

    /// <summary>A destination between two guards.</summary>
    private sealed class Destination
    {
        private readonly double[] _all;
        private readonly int _length;

        public Destination(long length)
        {
            _length = (int)Math.Max(0, length);
            _all = new double[_length + 2 * Guard];
            Array.Fill(_all, Untouched);
        }

        public Memory<double> Memory => _all.AsMemory(Guard, _length);

        public bool IsIntact => _all.AsSpan(0, Guard).IndexOfAnyExcept(Untouched) < 0 && _all.AsSpan(Guard + _length).IndexOfAnyExcept(Untouched) < 0;
    }
}
