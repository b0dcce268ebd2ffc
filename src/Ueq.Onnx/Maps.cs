using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Ueq.Onnx;

/// <summary>Reads the maps from class to probability that scikit-learn's exporter puts out, one per row. Their keys are in order.</summary>
internal static class Maps
{
    public static (string[] Labels, TensorElementType Type) Labels(OrtValue map)
    {
        string[] labels = [];
        TensorElementType type = default;
        map.ProcessMap(
            (keys, values) =>
            {
                labels = keys.GetTensorTypeAndShape().ElementDataType == TensorElementType.String
                    ? keys.GetStringTensorAsArray()
                    : [.. keys.GetTensorDataAsSpan<long>().ToArray().Select(key => key.ToString(CultureInfo.InvariantCulture))];
                type = values.GetTensorTypeAndShape().ElementDataType;
            },
            OrtAllocator.DefaultInstance);
        return (labels, type);
    }

    /// <summary>The values of one map, in the order of its keys. Answers how many there were.</summary>
    public static int Values(OrtValue map, double[] destination)
    {
        int count = 0;
        map.ProcessMap(
            (_, values) =>
            {
                ReadOnlySpan<float> numbers = values.GetTensorDataAsSpan<float>();
                count = numbers.Length;
                for (int i = 0; i < Math.Min(count, destination.Length); i++) destination[i] = numbers[i];
            },
            OrtAllocator.DefaultInstance);
        return count;
    }
}
