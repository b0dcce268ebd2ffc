using System.Buffers;
using Ueq.Versions;

namespace Ueq.Ensembles;

/// <summary>Regression models of any frameworks that answer as one: a cross-framework ensemble.</summary>
/// <remarks>
/// The answer is the mean, weighted mean or median of the members' predictions. How far the members lie apart is no interval for a
/// target: they share what they get wrong. Calibrate the ensemble like any model (<see cref="Ueq.Conformal.PointBands"/>). A member that fails, or answers
/// with something that is not finite, is an <see cref="EnsembleMemberException"/>. Immutable; thread-safe if the members are.
/// </remarks>
public sealed class CrossEnsemble : IPointPredictor, INamedMethod, IAssembledPredictor
{
    internal const string Kind = "cross_ensemble";

    // Rows that every member predicts before the next rows: bounds the scratch.
    private const int Chunk = 1024;

    private readonly Members<IPointPredictor> _members;

    /// <summary>Joins models.</summary>
    /// <param name="members">The members by name.</param>
    /// <param name="aggregation">How their answers become one. Default: the weighted mean if members have weights, otherwise the mean.</param>
    /// <exception cref="ArgumentException">There is no member, names are missing or twice, or weights do not go with the aggregation; names the member.</exception>
    public CrossEnsemble(IReadOnlyList<EnsembleMember<IPointPredictor>> members, Aggregation? aggregation = null) =>
        _members = new Members<IPointPredictor>(members, aggregation);

    /// <summary>The models by name.</summary>
    public IReadOnlyList<EnsembleMember<IPointPredictor>> Members => _members.All;

    /// <summary>How their answers become one.</summary>
    public Aggregation Aggregation => _members.Aggregation;

    /// <summary>One weight per member, with the sum 1; equal ones unless the aggregation is a weighted mean.</summary>
    public ReadOnlySpan<double> Weights => _members.Weights;

    /// <inheritdoc/>
    public string Method => "cross_ensemble";

    /// <inheritdoc/>
    /// <exception cref="EnsembleMemberException">A member failed.</exception>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "predictions, one per row");
        int count = Members.Count, most = Math.Min(Chunk, x.Rows);
        double[] scratch = ArrayPool<double>.Shared.Rent(count * (most + 1));
        Span<double> row = scratch.AsSpan(0, count);
        for (int start = 0; start < x.Rows; start += Chunk)
        {
            FeatureMatrix part = x.Slice(start, Math.Min(Chunk, x.Rows - start));
            for (int m = 0; m < count; m++)
            {
                int place = count + m * part.Rows;
                _members.Ask(m, model => model.Predict(part, scratch.AsSpan(place, part.Rows)));
                _members.CheckFinite(m, scratch.AsSpan(place, part.Rows), 1, start);
            }

            for (int i = 0; i < part.Rows; i++)
            {
                for (int m = 0; m < count; m++) row[m] = scratch[count + m * part.Rows + i];
                destination[start + i] = _members.Join(row);
            }
        }

        ArrayPool<double>.Shared.Return(scratch);
    }

    Assembled IAssembledPredictor.TakeApart() => MemberParts.Of(Kind, _members);

    internal static CrossEnsemble Join(IReadOnlyList<object> parts, Joint joint) =>
        new(MemberParts.Members(Assemblies.Of<IPointPredictor>(parts), joint), MemberParts.Rule(joint));
}
