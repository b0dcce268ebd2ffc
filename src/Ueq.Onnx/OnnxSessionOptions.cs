using Microsoft.ML.OnnxRuntime;

namespace Ueq.Onnx;

/// <summary>How ONNX Runtime is to run a model.</summary>
public sealed record OnnxSessionOptions
{
    /// <summary>Number of threads one prediction may use, 1 to 256. Default: 1; more than one call may run at a time in any case.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What else is to be set before the session is made, such as another execution provider. Default: nothing.</summary>
    /// <remarks>
    /// For CUDA add the package Microsoft.ML.OnnxRuntime.Gpu to your program and set this to
    /// <c>options =&gt; options.AppendExecutionProvider_CUDA(0)</c>. Rows go in and answers come out through the processor's memory.
    /// </remarks>
    public Action<SessionOptions>? Configure { get; init; }

    internal SessionOptions Make()
    {
        Inputs.CheckRange(nameof(Threads), Threads, 1, 256);
        SessionOptions options = new()
        {
            IntraOpNumThreads = Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // Errors come as exceptions; a library does not print.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        Configure?.Invoke(options);
        return options;
    }
}
