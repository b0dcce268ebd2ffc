using Microsoft.ML;

namespace Ueq.MLNet;

/// <summary>Fitting, with a clear word when a native library is not to be had.</summary>
internal static class Native
{
    public static ITransformer Fit(IEstimator<ITransformer> estimator, IDataView rows)
    {
        try
        {
            return estimator.Fit(rows);
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
