using System.Buffers;
using Ueq.Versions;

namespace Ueq.Ensembles;

/// <summary>Classification models of any frameworks that answer as one: a cross-framework ensemble.</summary>
/// <remarks>
/// A class's probability is the mean, weighted mean or median of the members' probabilities; medians are divided by their sum, and where
/// all are 0 the mean answers. A member that fails is an <see cref="EnsembleMemberException"/>. Immutable; thread-safe if the members are.
/// </remarks>
public sealed class CrossClassEnsemble : IClassPredictor, INamedMethod, IAssembledPredictor
{
    internal const string Kind = "cross_class_ensemble";
    private const int Chunk = 1024;
    private readonly Members<IClassPredictor> _members;

    /// <summary>Joins models of the same classes in the same order.</summary>
    /// <param name="members">The members by name.</param>
    /// <param name="aggregation">How their answers become one. Default: the weighted mean if members have weights, otherwise the mean.</param>
    /// <exception cref="ArgumentException">
    /// There is no member, names are missing or twice, weights do not go with the aggregation, or the numbers of classes differ; names the member.
    /// </exception>
    public CrossClassEnsemble(IReadOnlyList<EnsembleMember<IClassPredictor>> members, Aggregation? aggregation = null)
    {
        _members = new Members<IClassPredictor>(members, aggregation);
        Classes = members[0].Model.Classes;
        foreach (EnsembleMember<IClassPredictor> member in members)
        {
            if (member.Model.Classes != Classes)
                throw new ArgumentException($"Expected {Classes} classes of every member, as of '{members[0].Name}', got {member.Model.Classes} of '{member.Name}'.", nameof(members));
        }
    }

    /// <summary>The models by name.</summary>
    public IReadOnlyList<EnsembleMember<IClassPredictor>> Members => _members.All;

    /// <summary>How their answers become one.</summary>
    public Aggregation Aggregation => _members.Aggregation;

    /// <summary>One weight per member, with the sum 1; equal ones unless the aggregation is a weighted mean.</summary>
    public ReadOnlySpan<double> Weights => _members.Weights;

    /// <inheritdoc/>
    public int Classes { get; }

    /// <inheritdoc/>
    public string Method => "cross_ensemble";

    /// <inheritdoc/>
    /// <exception cref="EnsembleMemberException">A member failed.</exception>
    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)x.Rows * Classes, "probabilities, rows × classes");
        int count = Members.Count, block = Math.Min(Chunk, x.Rows) * Classes;
        double[] scratch = ArrayPool<double>.Shared.Rent(count * (block + 1));
        Span<double> answers = scratch.AsSpan(0, count);
        for (int start = 0; start < x.Rows; start += Chunk)
        {
            FeatureMatrix part = x.Slice(start, Math.Min(Chunk, x.Rows - start));
            int length = part.Rows * Classes;
            for (int m = 0; m < count; m++)
            {
                int place = count + m * length;
                _members.Ask(m, model => model.Predict(part, scratch.AsSpan(place, length)));
                _members.CheckFinite(m, scratch.AsSpan(place, length), Classes, start);
            }

            for (int i = 0; i < part.Rows; i++)
                JoinRow(scratch, answers, length, i * Classes, probabilities.Slice((start + i) * Classes, Classes));
        }

        ArrayPool<double>.Shared.Return(scratch);
    }

    private void JoinRow(double[] scratch, Span<double> answers, int length, int at, Span<double> row)
    {
        double sum = 0;
        for (int k = 0; k < Classes; k++)
        {
            for (int m = 0; m < answers.Length; m++) answers[m] = scratch[answers.Length + m * length + at + k];
            sum += row[k] = _members.Join(answers);
        }

        if (Aggregation != Aggregation.Median) return;
        for (int k = 0; k < Classes; k++)
        {
            if (sum > 0)
            {
                row[k] /= sum;
                continue;
            }

            row[k] = 0;
            for (int m = 0; m < answers.Length; m++) row[k] += scratch[answers.Length + m * length + at + k] / answers.Length;
        }
    }

    Assembled IAssembledPredictor.TakeApart() => MemberParts.Of(Kind, _members);

    internal static CrossClassEnsemble Join(IReadOnlyList<object> parts, Joint joint) =>
        new(MemberParts.Members(Assemblies.Of<IClassPredictor>(parts), joint), MemberParts.Rule(joint));
}
