namespace Ueq.Monitoring;

/// <summary>A detector that is given (x − mean)/sd instead of x, so that its constants mean the same for every signal.</summary>
/// <remarks>Mean and standard deviation are those of a reference, not of the stream; with a standard deviation of 0 use another detector. How often it alarms depends
/// on the distribution; of a <see cref="RankedDetector"/> it does not.</remarks>
public sealed class StandardisedDetector : ILimitDetector
{
    private readonly ILimitDetector _inner;
    private readonly ChartReference _reference;

    /// <summary>A detector of standardised values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The mean is not finite, or the standard deviation not positive.</exception>
    public StandardisedDetector(ILimitDetector inner, ChartReference reference)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ChartCheck.Validate(reference, 2);
        _inner = inner;
        _reference = reference;
    }

    /// <inheritdoc/>
    public DetectorState State => _inner.State;

    /// <inheritdoc/>
    public long Count => _inner.Count;

    /// <inheritdoc/>
    public double Statistic => _inner.Statistic;

    /// <inheritdoc/>
    public double Limit => _inner.Limit;

    /// <inheritdoc/>
    public DetectorState Add(double value) => _inner.Add((value - _reference.Mean) / _reference.StandardDeviation);

    /// <inheritdoc/>
    public void Clear() => _inner.Clear();
}
