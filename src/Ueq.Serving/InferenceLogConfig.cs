namespace Ueq.Serving;

/// <summary>Files of what was asked and answered: the section <c>inference_log</c>.</summary>
/// <remarks>The files hold the rows themselves. What writes them is <c>Ueq.InferenceLog</c>; a host of one's own adds it with <c>AddUeqInferenceLog</c>.</remarks>
public sealed record InferenceLogConfig
{
    /// <summary>Directory of the files; <c>null</c>, the default, for none.</summary>
    public string? Folder { get; init; }

    /// <summary>Megabytes after which a file is closed and another begun: 1 to 100,000. Default 64.</summary>
    public int RotateMegabytes { get; init; } = 64;

    /// <summary>Minutes after which a file is closed: 1 to 100,000. Default 15. What was not closed is lost when the process is killed.</summary>
    public int RotateMinutes { get; init; } = 15;

    /// <summary>Megabytes that all closed files may have together: 1 to 100,000,000. Default 10,000. The oldest go first.</summary>
    public int KeepMegabytes { get; init; } = 10_000;

    /// <summary>Closed files that are kept: 1 to 1,000,000; <c>null</c>, the default, for any number.</summary>
    public int? KeepFiles { get; init; }
}
