using Microsoft.ML;

namespace Ueq.MLNet;

/// <summary>Fitting with ML.NET, with answers to what it leaves open.</summary>
internal static class Native
{
    /// <summary>Fits, or answers with the mean of the labels when no split can be made.</summary>
    public static Slot Fit(IEstimator<ITransformer> estimator, TableView rows, double mean)
    {
        try
        {
            return new Slot(estimator.Fit(rows), 0);
        }
        catch (ArgumentNullException fault) when (fault.ParamName == "items")
        {
            // How ML.NET 5 fails on a LightGBM model whose first tree is a single leaf.
            return new Slot(null, mean);
        }
        catch (Exception fault) when (Unloadable(fault) is { } missing)
        {
            throw new DllNotFoundException(
                $"A native library of ML.NET could not be loaded ({missing.Message}). LightGBM needs the OpenMP runtime: install the package "
                + "libgomp1 (Debian, Ubuntu), libgomp (Red Hat, Alpine) or libomp (macOS).",
                fault);
        }
    }

    private static Exception? Unloadable(Exception? fault)
    {
        while (fault is not null and not DllNotFoundException and not BadImageFormatException) fault = fault.InnerException;
        return fault;
    }
}

/// <summary>Seeds of ML.NET, which are 31 bits, from ours.</summary>
internal static class Seeds
{
    public static int ForMLNet(ulong seed) => (int)(Rng.Stream(seed, 0).NextBits() >> 33);
}
