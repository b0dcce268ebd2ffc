using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Ueq.Remote;

/// <summary>How rows become the inputs of a model: one tensor of all columns, or one per column.</summary>
internal sealed class InputPlan
{
    private const string Unnamed = "input-0";
    private readonly IReadOnlyList<RemoteTensor> _inputs;

    private InputPlan(IReadOnlyList<RemoteTensor> inputs, int features)
    {
        _inputs = inputs;
        Features = features;
    }

    public int Features { get; }

    private bool IsOnePerColumn => _inputs.Count > 1;

    /// <exception cref="InvalidDataException">The inputs are not those of a table of numbers.</exception>
    public static InputPlan Of(Wire wire, IReadOnlyList<RemoteTensor> inputs, int features)
    {
        if (inputs.Count == 0)
        {
            if (features == 0) throw wire.Wrong("inputs in the metadata, or the number of features in the options", "neither");
            return new InputPlan([new RemoteTensor(Unnamed, "FP32", [-1, features])], features);
        }

        foreach (RemoteTensor input in inputs)
            if (input.Datatype is not ("FP32" or "FP64" or "INT64" or "INT32")) throw wire.Wrong("inputs of the datatypes FP32, FP64, INT64 or INT32", input.Say());
        if (inputs.Count == 1)
        {
            if (inputs[0].Shape is not [_, long width] || width == 0) throw wire.Wrong("an input of the shape [-1, features]", inputs[0].Say());
            if (width < 0 && features == 0) throw wire.Wrong("an input with a width, or the number of features in the options", inputs[0].Say());
            if (width > 0 && features > 0 && width != features) throw wire.Wrong($"an input of {features} features, as the options say", inputs[0].Say());
            return new InputPlan(inputs, width > 0 ? checked((int)width) : features);
        }

        foreach (RemoteTensor input in inputs)
            if (input.Shape is not ([_] or [_, 1 or -1])) throw wire.Wrong("one input of all columns, or one of the shape [-1, 1] per column", input.Say());
        if (features > 0 && features != inputs.Count) throw wire.Wrong($"{features} inputs, as the options say, or one of all columns", $"{inputs.Count}");
        return new InputPlan(inputs, inputs.Count);
    }

    /// <exception cref="ArgumentException">The rows have another number of features, or one that the model cannot be told.</exception>
    public void Check(FeatureMatrix x)
    {
        if (x.Rows == 0) return;
        if (x.Columns != Features) throw new ArgumentException($"Expected {Features} features per row, as the model takes, got {x.Columns}.", nameof(x));
        ReadOnlySpan<float> values = x.Values;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new ArgumentException($"Expected a finite number (JSON has no other) at row {i / x.Columns}, column {i % x.Columns}, got {Say(values[i])}.", nameof(x));
            if (IsInteger(Input(i % x.Columns)) && !(values[i] == MathF.Truncate(values[i]) && Math.Abs(values[i]) < 1L << 31))
                throw new ArgumentException($"Expected a whole number ({Input(i % x.Columns).Datatype}) at row {i / x.Columns}, column {i % x.Columns}, got {Say(values[i])}.", nameof(x));
        }
    }

    /// <summary>The body of a request for some rows.</summary>
    public byte[] Request(FeatureMatrix x, int start, int rows, IReadOnlyList<string> outputs)
    {
        ArrayBufferWriter<byte> body = new(Math.Max(256, rows * Features * 10));
        using (Utf8JsonWriter json = new(body, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("inputs");
            if (IsOnePerColumn) for (int c = 0; c < Features; c++) Write(json, _inputs[c], x, start, rows, c, 1);
            else Write(json, _inputs[0], x, start, rows, 0, Features);
            json.WriteEndArray();
            if (outputs.Count > 0)
            {
                json.WriteStartArray("outputs");
                foreach (string output in outputs)
                {
                    json.WriteStartObject();
                    json.WriteString("name", output);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, RemoteTensor input, FeatureMatrix x, int start, int rows, int from, int columns)
    {
        json.WriteStartObject();
        json.WriteString("name", input.Name);
        json.WriteStartArray("shape");
        json.WriteNumberValue(rows);
        if (input.Shape.Count == 2) json.WriteNumberValue(columns);
        json.WriteEndArray();
        json.WriteString("datatype", input.Datatype);
        json.WriteStartArray("data");
        bool whole = IsInteger(input);
        for (int i = start; i < start + rows; i++)
        {
            foreach (float value in x.Row(i).Slice(from, columns))
            {
                if (whole) json.WriteNumberValue((long)value);
                else json.WriteNumberValue(value);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private RemoteTensor Input(int column) => IsOnePerColumn ? _inputs[column] : _inputs[0];

    private static bool IsInteger(RemoteTensor input) => input.Datatype.StartsWith("INT", StringComparison.Ordinal);

    private static string Say(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
