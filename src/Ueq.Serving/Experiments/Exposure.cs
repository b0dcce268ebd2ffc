using Ueq.Monitoring;

namespace Ueq.Serving.Experiments;

/// <summary>How often an arm has answered in a while.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Requests">Requests answered.</param>
/// <param name="Rows">Rows of them.</param>
/// <param name="Unnamed">Requests of which no user was known.</param>
/// <param name="Users">The users, counted by their hashes.</param>
internal sealed record Exposure(string Experiment, string Arm, long Requests, long Rows, long Unnamed, DistinctCount Users);
