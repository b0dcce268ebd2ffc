using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>The dropout layers of a module, and all its layers' modes.</summary>
internal static class DropoutLayers
{
    /// <summary>The module and everything in it, each before what it holds.</summary>
    public static IEnumerable<nn.Module> All(nn.Module module)
    {
        yield return module;
        foreach ((_, nn.Module child) in module.named_children())
            foreach (nn.Module inner in All(child)) yield return inner;
    }

    public static bool IsDropout(nn.Module module) =>
        module is Dropout { p: > 0 } or Dropout1d { p: > 0 } or Dropout2d { p: > 0 } or Dropout3d { p: > 0 } or AlphaDropout { p: > 0 } or FeatureAlphaDropout { p: > 0 };

    /// <summary>
    /// The layers of a TorchScript file that hold neither layers nor parameters nor buffers. A script does not tell its layers' kinds;
    /// of such layers dropout is the only common one that asks whether it is training.
    /// </summary>
    public static IEnumerable<nn.Module> BareLayers(nn.Module script) =>
        All(script).Skip(1).Where(layer => !layer.named_children().Any() && !layer.parameters().Any() && !layer.buffers().Any());

    /// <summary>Runs work with dropout on and everything else in evaluation, then gives every layer its mode back.</summary>
    /// <param name="layers">All layers of a module, each before what it holds, and whether it is dropout.</param>
    /// <param name="work">What is run.</param>
    public static T On<T>((nn.Module Layer, bool IsDropout)[] layers, Func<T> work)
    {
        Span<bool> before = layers.Length <= 256 ? stackalloc bool[layers.Length] : new bool[layers.Length];
        for (int i = 0; i < layers.Length; i++) before[i] = layers[i].Layer.training;
        try
        {
            // Outer before inner: a layer hands its mode down. Most layers have the right one already, and asking is cheap.
            foreach ((nn.Module layer, bool isDropout) in layers) Switch(layer, isDropout);
            return work();
        }
        finally
        {
            for (int i = 0; i < layers.Length; i++) Switch(layers[i].Layer, before[i]);
        }
    }

    private static void Switch(nn.Module layer, bool training)
    {
        if (layer.training != training) layer.train(training);
    }
}
