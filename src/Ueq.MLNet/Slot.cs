using Microsoft.ML;

namespace Ueq.MLNet;

/// <summary>One fitted transformer or, where there was nothing to learn, the constant it would have answered.</summary>
/// <param name="Transformer">The transformer, or <c>null</c>.</param>
/// <param name="Constant">The answer where there is no transformer.</param>
internal readonly record struct Slot(ITransformer? Transformer, double Constant);
