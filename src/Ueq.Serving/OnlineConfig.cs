using Ueq.Online;

namespace Ueq.Serving;

/// <summary>Levels that labels move, so that the share of truths covered holds over time: the section <c>online</c>.</summary>
public sealed record OnlineConfig
{
    /// <summary>The models, by name or reference, whose answers are made at an online level; <c>*</c> is all. Default none.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>How far one label moves the miss: above 0, at most 1. Default 0.002.</summary>
    public double Step { get; init; } = new AdaptiveOptions().Step;
}
