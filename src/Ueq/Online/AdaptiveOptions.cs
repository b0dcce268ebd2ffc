namespace Ueq.Online;

/// <summary>What can be set about adaptive conformal inference.</summary>
public sealed record AdaptiveOptions
{
    /// <summary>How far one label moves the miss: above 0, at most 1; 0.002 unless set.</summary>
    /// <remarks>
    /// Larger steps follow a drift sooner and make sizes swing, up to unbounded answers; after T labels the realised miss is within about
    /// 1/(T·step) of the wanted one. What steps cost and bring on real streams is measured in <c>bench/Quality/results/online.md</c>.
    /// </remarks>
    public double Step { get; init; } = 0.002;

    /// <summary>How many of the latest answers the median width is of; one or more, 1000 unless set.</summary>
    public int RecentAnswers { get; init; } = 1000;

    internal AdaptiveOptions Checked()
    {
        if (!(Step is > 0 and <= 1)) Throw.OutOfRange(nameof(Step), Step, "a step above 0 and at most 1, such as 0.002");
        if (RecentAnswers < 1) Throw.OutOfRange(nameof(RecentAnswers), RecentAnswers, "a number of answers, one or more");
        return this;
    }
}
