using System.Reflection;
using Microsoft.ML;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>Calibrated models in the files of ML.NET.</summary>
public static class CalibratedModels
{
    private const BindingFlags Internal = BindingFlags.Static | BindingFlags.NonPublic;

    /// <summary>Makes calibrated models known to a context: call it once before <c>mlContext.Model.Load</c>.</summary>
    /// <remarks>ML.NET finds loaders by an attribute that it keeps to itself, so a context has to be told. Saving needs no such call.</remarks>
    public static MLContext RegisterUeq(this MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Register(context, typeof(IntervalTransformer), IntervalTransformer.Loader, nameof(IntervalTransformer.Create));
        Register(context, typeof(LabelSetTransformer), LabelSetTransformer.Loader, nameof(LabelSetTransformer.Create));
        return context;
    }

    private static void Register(MLContext context, Type type, string loader, string create) =>
        Archive.Register(context, type, loader, type.GetMethod(create, Internal)!);
}
