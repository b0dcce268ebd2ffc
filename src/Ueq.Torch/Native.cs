using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Ueq.Torch;

/// <summary>What has to be there before Torch can do anything: its native libraries and the device.</summary>
internal static class Native
{
    /// <summary>Torch's generator of random numbers is one per process: who seeds it and draws from it holds this lock.</summary>
    private static readonly Lock Generator = new();

    private static volatile bool _isLoaded;

    /// <summary>A device by its name.</summary>
    /// <exception cref="DllNotFoundException">libtorch is not there.</exception>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public static torch.Device Device(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name != "cpu" && name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out int index) && index >= 0))
            throw new ArgumentException($"Expected a device cpu, cuda or cuda:N, got '{name}'.", nameof(name));
        return Guarded(() => name == "cpu" ? torch.CPU : Cuda(name));
    }

    /// <summary>Runs work that draws random numbers, as if the generator began at the seed; its state is put back afterwards.</summary>
    public static T Seeded<T>(ulong seed, Func<T> work)
    {
        lock (Generator)
        {
            using torch.Tensor state = torch.random.get_rng_state();
            try
            {
                torch.random.manual_seed((long)(seed >> 1));
                return work();
            }
            finally
            {
                torch.random.set_rng_state(state);
            }
        }
    }

    /// <summary>Runs the first call into Torch, and words what is missing.</summary>
    internal static T Guarded<T>(Func<T> first)
    {
        try
        {
            if (!_isLoaded) Load();
            torch.InitializeDeviceType(DeviceType.CPU);
            _isLoaded = true;
            return first();
        }
        catch (Exception fault) when (IsUnloadable(fault))
        {
            throw Missing(fault);
        }
    }

    // Before TorchSharp tries: where it fails, it writes a page to standard output, and copies libtorch out of the NuGet cache beside itself.
    private static void Load()
    {
        Assembly torchSharp = typeof(torch).Assembly;
        // In a notebook it lies in that cache itself, and the copy is how it works there.
        if (torchSharp.Location.Contains($"{Path.DirectorySeparatorChar}torchsharp{Path.DirectorySeparatorChar}", StringComparison.Ordinal)) return;
        _ = NativeLibrary.TryLoad("torch_cpu", torchSharp, null, out _);
        _ = NativeLibrary.Load("LibTorchSharp", torchSharp, null);
    }

    internal static DllNotFoundException Missing(Exception fault)
    {
        string reason = Reason(fault);
        if (reason.Contains("GLIBCXX", StringComparison.Ordinal))
            return new DllNotFoundException(
                "TorchSharp's native library asks for a newer libstdc++ (GLIBCXX_3.4.32, GCC 13) than this system has. Import build/Torch.targets in "
                + "the project that runs Torch, as docs/torch.md says, or run on Debian 13, Ubuntu 24.04 or an official .NET image.",
                fault);

        string package = OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64"
            : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64"
            : RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "libtorch-cpu-linux-arm64" : "libtorch-cpu-linux-x64";
        return new DllNotFoundException(
            $"libtorch could not be loaded ({reason}). It is 600 MB and no part of Ueq.Torch: add the package {package} to the application, or build the ueq command "
            + "with it: dotnet build src/Ueq.Cli -c Release -p:UeqTorch=cpu", fault);
    }

    // The system's loader knows which file it misses; it says so in its last line.
    private static string Reason(Exception fault)
    {
        string[] folders = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native")];
        while (fault.InnerException is { } inner) fault = inner;
        string message = fault.Message;
        try
        {
            if (OperatingSystem.IsLinux() && folders.Select(folder => Path.Combine(folder, "libLibTorchSharp.so")).FirstOrDefault(File.Exists) is { } library)
                NativeLibrary.Free(NativeLibrary.Load(library));
        }
        catch (DllNotFoundException refused)
        {
            message = refused.Message;
        }

        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? fault.GetType().Name : lines[^1];
    }

    private static torch.Device Cuda(string name)
    {
        if (!torch.cuda.is_available())
            throw new ArgumentException(
                $"Expected a device that is there, got '{name}': no CUDA. Replace the package libtorch-cpu-… of the application by TorchSharp-cuda-linux or "
                + "TorchSharp-cuda-windows, on a machine with an NVIDIA driver; or use cpu.",
                nameof(name));
        torch.Device device = new(name);
        if (device.index >= torch.cuda.device_count())
            throw new ArgumentException($"Expected one of the {torch.cuda.device_count()} CUDA devices, from cuda:0, got '{name}'.", nameof(name));
        return device;
    }

    private static bool IsUnloadable(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
            if (fault is DllNotFoundException or BadImageFormatException or TypeInitializationException or NotSupportedException) return true;
        return false;
    }
}
