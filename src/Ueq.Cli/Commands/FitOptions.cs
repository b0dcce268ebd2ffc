using System.CommandLine;
using Ueq.Cli.Fitting;

namespace Ueq.Cli.Commands;

/// <summary>The options that say how a model is fitted, for the subcommands that fit.</summary>
internal sealed class FitOptions
{
    private readonly Option<ulong> _seed = SharedOptions.Seed();
    private readonly Option<double> _share = SharedOptions.CalibrationShare();
    private readonly Option<string?> _score = SharedOptions.Score();
    private readonly Option<int?> _members = SharedOptions.Members();
    private readonly Option<string?> _aggregation = SharedOptions.Aggregation();
    private readonly Option<double[]?> _weights = SharedOptions.Weights();
    private readonly Option<string> _empty = SharedOptions.EmptySets();

    public void AddTo(Command command)
    {
        command.Options.Add(_seed);
        command.Options.Add(_share);
        command.Options.Add(_score);
        command.Options.Add(_members);
        command.Options.Add(_aggregation);
        command.Options.Add(_weights);
        command.Options.Add(_empty);
    }

    public FitSettings Read(ParseResult call) => new()
    {
        Seed = call.GetValue(_seed),
        CalibrationShare = call.GetValue(_share),
        Score = call.GetValue(_score),
        Members = call.GetValue(_members),
        Aggregation = call.GetValue(_aggregation) switch
        {
            "mean" => Ensembles.Aggregation.Mean,
            "weighted_mean" => Ensembles.Aggregation.WeightedMean,
            "median" => Ensembles.Aggregation.Median,
            _ => null,
        },
        Weights = call.GetValue(_weights) is { Length: > 0 } weights ? weights : null,
        Empty = call.GetValue(_empty) == "allow" ? Conformal.EmptySets.Allowed : Conformal.EmptySets.TopLabel,
    };
}
