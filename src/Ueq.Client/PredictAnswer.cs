namespace Ueq.Client;

/// <summary>What the service answers to rows. Lists of a kind that the model does not have, or that were not asked for, are empty.</summary>
public sealed record PredictAnswer
{
    /// <summary>Number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>The prediction of each row; of a regression.</summary>
    public IReadOnlyList<double> Predictions { get; init; } = [];

    /// <summary>The interval of each row; of a regression.</summary>
    public IReadOnlyList<PredictedInterval> Intervals { get; init; } = [];

    /// <summary>The most probable class of each row; of a classification.</summary>
    public IReadOnlyList<string> PredictedLabels { get; init; } = [];

    /// <summary>The classes in order; of a classification. Numbers are written as text.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The label set of each row; of a classification.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Sets { get; init; } = [];

    /// <summary>The probability of each class, in the order of <see cref="Labels"/>, of each row; of a classification.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Probabilities { get; init; } = [];

    /// <summary>The receipt of each row, where they were asked for.</summary>
    public IReadOnlyList<string> Receipts { get; init; } = [];

    /// <summary>The coverage that was answered for.</summary>
    public required double Coverage { get; init; }

    /// <summary>The coverage that the answer was made at, where labels move it to hold <see cref="Coverage"/>; else <c>null</c>.</summary>
    public double? EffectiveCoverage { get; init; }

    /// <summary>The experiment that chose the model; <c>null</c> without one.</summary>
    public AssignedArm? Experiment { get; init; }

    /// <summary>What the service watches; <c>null</c> where it does not, or was asked not to.</summary>
    public MonitoringState? Monitoring { get; init; }

    /// <summary>The name of the model that has answered; <c>null</c> where the request named none.</summary>
    public string? Model { get; init; }

    /// <summary>The digest of the version that has answered; <c>null</c> where the request named no model.</summary>
    public string? Version { get; init; }

    /// <summary>Time the model took, in the service.</summary>
    public TimeSpan InferenceTime { get; init; }

    /// <summary>The number of the request in the service's log.</summary>
    public string? RequestId { get; init; }

    /// <summary>Which of the addresses has answered.</summary>
    public required Uri Address { get; init; }
}

/// <summary>The arm of an experiment that has answered.</summary>
/// <param name="Experiment">Name of the experiment.</param>
/// <param name="Arm">The arm: a reference of a model.</param>
public sealed record AssignedArm(string Experiment, string Arm);

/// <summary>What the service says about drift with a prediction.</summary>
/// <param name="State">State of what is watched: <c>learning</c>, <c>healthy</c>, <c>warning</c>, <c>alarm</c>, <c>recovering</c>, <c>stale</c> or <c>void</c>.</param>
/// <param name="DriftScore">The guide's drift score; no reason for a decision.</param>
/// <param name="Alerts">What is in alarm.</param>
public sealed record MonitoringState(string State, double DriftScore, IReadOnlyList<MonitoringAlert> Alerts);

/// <summary>A signal that is in alarm.</summary>
/// <param name="Type"><c>drift</c> or <c>uncertainty_spike</c>.</param>
/// <param name="Severity"><c>medium</c> or <c>high</c>.</param>
/// <param name="Signal">The signal's name.</param>
/// <param name="Message">What has changed, in a sentence.</param>
public sealed record MonitoringAlert(string Type, string Severity, string Signal, string Message);
