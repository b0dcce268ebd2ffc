using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>What a column of ML.NET says about the names of its classes.</summary>
internal static class ClassNames
{
    private static readonly string[] _annotations = ["SlotNames", "TrainingLabelValues", "KeyValues"];

    /// <summary>The names, or <c>null</c> where the column says none.</summary>
    public static string[]? Of(DataViewSchema.Column column, int classes)
    {
        foreach (string annotation in _annotations)
        {
            if (column.Annotations.Schema.GetColumnOrNull(annotation)?.Type is VectorDataViewType type && type.Size == classes
                && Read(column.Annotations, annotation, type) is { } names && names.All(name => name.Length > 0))
                return names;
        }

        return null;
    }

    private static string[]? Read(DataViewSchema.Annotations annotations, string name, VectorDataViewType type) => type.ItemType.RawType switch
    {
        Type item when item == typeof(ReadOnlyMemory<char>) => Read<ReadOnlyMemory<char>>(annotations, name),
        Type item when item == typeof(float) => Read<float>(annotations, name),
        Type item when item == typeof(double) => Read<double>(annotations, name),
        Type item when item == typeof(int) => Read<int>(annotations, name),
        Type item when item == typeof(uint) => Read<uint>(annotations, name),
        Type item when item == typeof(long) => Read<long>(annotations, name),
        Type item when item == typeof(byte) => Read<byte>(annotations, name),
        Type item when item == typeof(bool) => Read<bool>(annotations, name),
        _ => null,
    };

    private static string[] Read<T>(DataViewSchema.Annotations annotations, string name)
    {
        VBuffer<T> values = default;
        annotations.GetValue(name, ref values);
        return [.. values.DenseValues().Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")];
    }
}
