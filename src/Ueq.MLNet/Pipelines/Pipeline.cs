using System.Globalization;

namespace Ueq.MLNet.Pipelines;

/// <summary>A pipeline of a file over the features of some data.</summary>
internal sealed class Pipeline(MLNetModelFile file, PipelineInput input)
{
    public MLNetModelFile File { get; } = file;

    public PipelineInput Input { get; } = input;

    /// <summary>Throws unless they are probabilities: scores that are none would be sorted and cut without a word.</summary>
    public void CheckProbabilities(ReadOnlySpan<double> scores, int row)
    {
        // What a softmax in single precision leaves.
        const double Tolerance = 1e-3;
        double sum = 0;
        foreach (double score in scores)
        {
            sum += score;
            if (!(score >= -Tolerance && score <= 1 + Tolerance)) throw No($"{score.ToString("R", CultureInfo.InvariantCulture)}", row);
        }

        // The second of two classes is alone; a model of one class against the others may say no to all.
        if (scores.Length > 1 && sum != 0 && Math.Abs(sum - 1) > Tolerance) throw No($"the sum {sum.ToString("R", CultureInfo.InvariantCulture)}", row);
    }

    private AssumptionException No(string found, int row) => new(
        Assumption.FiniteAnswers,
        $"{File.Source}: expected probabilities from 0 to 1 with the sum 1 at row {row}, got {found}; a trainer without probabilities needs a calibrator (Platt) first.");
}
