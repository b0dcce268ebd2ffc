using System.Text;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Inference;

/// <summary>What can be asked by tensors: what goes in, what comes out, and how it is run.</summary>
internal abstract class InferenceModel
{
    /// <summary>What the protocol calls a platform.</summary>
    public abstract string Platform { get; }

    public abstract IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>The outputs that are answered when a request names none.</summary>
    public abstract IReadOnlyList<TensorSpec> Outputs { get; }

    public InferenceStatistics Statistics { get; } = new();

    /// <summary>The model's own words for an answer's parameters: a piece of JSON that begins with a comma, or nothing.</summary>
    public virtual ReadOnlySpan<byte> SaidJson => default;

    /// <summary>The same by name.</summary>
    public virtual IReadOnlyList<KeyValuePair<string, string>> Said => [];

    /// <summary>Checks the inputs, runs the model and adds the answers that are wanted.</summary>
    /// <returns>Number of rows answered.</returns>
    /// <exception cref="RefusalException">The inputs are not the model's; says where.</exception>
    public abstract ValueTask<int> Run(InferWork work, HttpContext http);

    /// <summary>Calls for each output that is wanted, in the order in which they are; refuses those that there are not.</summary>
    protected void EachWanted(InferWork work, Action<int, TensorPlace> answer)
    {
        for (int o = 0; o < Outputs.Count && work.Wanted.Count == 0; o++) answer(o, TensorPlace.AsAsked);
        for (int i = 0; i < work.Wanted.Count; i++)
        {
            int output = -1;
            for (int o = 0; o < Outputs.Count; o++)
                if (work.NameOf(work.Wanted[i]).SequenceEqual(Outputs[o].Utf8)) output = o;
            if (output < 0) throw NoSuchOutput(work, i, Outputs.Select(o => o.Name));
            answer(output, work.Wanted[i].Place);
        }
    }

    /// <summary>Refuses outputs that there are not.</summary>
    protected static RefusalException NoSuchOutput(InferWork work, int index, IEnumerable<string> known) => RefusalException.BadRequest(
        FormattableString.Invariant($"$.outputs[{index}].name: expected one of {string.Join(", ", known)}, got \"{JsonWords.Short(work.NameOf(work.Wanted[index]))}\""));
}

/// <summary>An input or output of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its lengths; −1 where any length will do.</param>
internal sealed record TensorSpec(string Name, TensorType Type, params IReadOnlyList<long> Shape)
{
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Name);
}
