namespace Ueq.Torch;

/// <summary>How the step size of a fit changes, step by step.</summary>
public enum TorchSchedule
{
    /// <summary>The step size stays as it is.</summary>
    Constant,

    /// <summary>The step size falls along half a cosine to nothing at the last step: η·(1 + cos(π·t/T))/2.</summary>
    /// <remarks>Loshchilov and Hutter 2017, section 3, without restarts. T counts the steps of all epochs, also those that an early stop leaves out.</remarks>
    Cosine,
}
