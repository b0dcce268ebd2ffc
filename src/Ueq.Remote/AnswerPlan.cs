using System.Globalization;
using System.Text.Json;

namespace Ueq.Remote;

/// <summary>Which numbers of an answer a predictor reads: columns of outputs, one number per row each.</summary>
internal sealed class AnswerPlan
{
    private readonly IReadOnlyList<(string? Output, int Column)> _columns;

    private AnswerPlan(IReadOnlyList<(string?, int)> columns, int width)
    {
        _columns = columns;
        Width = width;
        Outputs = [.. columns.Select(column => column.Item1).OfType<string>().Distinct()];
    }

    /// <summary>Numbers read per row.</summary>
    public int Columns => _columns.Count;

    /// <summary>How many numbers per row the output must have; 0: any.</summary>
    public int Width { get; }

    /// <summary>Names of the outputs to ask for; none where the metadata name none.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <exception cref="InvalidDataException">The outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The outputs leave a choice, or the chosen one is not there.</exception>
    public static AnswerPlan Numbers(RemoteModel model, params ReadOnlySpan<(string What, RemoteOutput? Chosen)> wanted)
    {
        List<(string?, int)> columns = [];
        for (int i = 0; i < wanted.Length; i++)
        {
            (string what, RemoteOutput? chosen) = wanted[i];
            columns.Add(chosen is null ? Guess(model, what, i, wanted.Length) : Named(model, what, chosen));
        }

        return new AnswerPlan(columns, 0);
    }

    /// <summary>All columns of one output: the probabilities of so many classes.</summary>
    public static AnswerPlan Classes(RemoteModel model, string? output, int classes)
    {
        int width = classes == 1 ? 1 : classes;
        return new AnswerPlan([.. Enumerable.Range(0, width).Select(column => (output, column))], width);
    }

    /// <summary>The columns of an answer, one after the other.</summary>
    public double[] Read(byte[] body, Wire wire, int start, int rows)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("outputs", out JsonElement outputs) || outputs.ValueKind != JsonValueKind.Array)
                throw wire.Wrong("an answer with outputs", root.ValueKind == JsonValueKind.Object ? "one without" : root.ValueKind.ToString(), (start, rows));
            double[] answers = new double[rows * Columns];
            Dictionary<string, (double[] Values, int Width)> read = [];
            for (int c = 0; c < Columns; c++)
            {
                (string? name, int column) = _columns[c];
                string key = name ?? "";
                if (!read.TryGetValue(key, out (double[] Values, int Width) output)) read.Add(key, output = Output(outputs, name, wire, start, rows));
                if (column >= output.Width || (Width > 0 && output.Width != Width))
                    throw wire.Wrong(Width > 0 ? $"{Width} numbers per row" : $"{column + 1} numbers per row or more", $"{output.Width}", (start, rows));
                for (int i = 0; i < rows; i++) answers[c * rows + i] = output.Values[i * output.Width + column];
            }

            return answers;
        }
        catch (JsonException fault)
        {
            throw wire.Wrong("an answer in JSON", fault.Message, (start, rows), fault);
        }
    }

    private static (double[] Values, int Width) Output(JsonElement outputs, string? name, Wire wire, int start, int rows)
    {
        JsonElement output = Find(outputs, name, wire, (start, rows));
        long[] shape = output.TryGetProperty("shape", out JsonElement lengths) && lengths.ValueKind == JsonValueKind.Array
            && lengths.EnumerateArray().All(length => length.ValueKind == JsonValueKind.Number && length.TryGetInt64(out _))
            ? [.. lengths.EnumerateArray().Select(length => length.GetInt64())] : throw wire.Wrong("an output with a shape", output.GetRawText()[..Math.Min(100, output.GetRawText().Length)], (start, rows));
        string found = $"[{string.Join(", ", shape)}]";
        if (shape is not ([_] or [_, > 0]) || shape[0] != rows) throw wire.Wrong($"an output of the shape [{rows}] or [{rows}, columns]", found, (start, rows));
        int width = shape.Length == 1 ? 1 : checked((int)shape[1]);
        if (!output.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Array) throw wire.Wrong("an output with data", "one without", (start, rows));
        long expected = (long)rows * width;
        // Before memory is asked for: a false shape could ask for any amount.
        if (expected > data.GetRawText().Length) throw wire.Wrong($"{expected} numbers, as the shape {found} says", "fewer", (start, rows));
        double[] values = new double[expected];
        int count = 0;
        Flatten(data, values, ref count, width, wire, start, rows);
        if (count != expected) throw wire.Wrong($"{expected} numbers, as the shape {found} says", $"{count}", (start, rows));
        return (values, width);
    }

    private static void Flatten(JsonElement data, double[] values, ref int count, int width, Wire wire, int start, int rows)
    {
        foreach (JsonElement element in data.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                Flatten(element, values, ref count, width, wire, start, rows);
                continue;
            }

            if (count < values.Length) values[count] = Number(element, start + count / width, wire);
            count++;
        }
    }

    // NaN and infinity are no JSON: servers write them as null or as texts.
    private static double Number(JsonElement element, int row, Wire wire)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double value) && double.IsFinite(value)) return value;
        throw new AssumptionException(
            Assumption.FiniteAnswers, string.Create(CultureInfo.InvariantCulture, $"Expected a finite number of {wire.Place} at row {row}, got {element.GetRawText()[..Math.Min(40, element.GetRawText().Length)]}."));
    }

    private static JsonElement Find(JsonElement outputs, string? name, Wire wire, (int, int) rows)
    {
        foreach (JsonElement output in outputs.EnumerateArray())
        {
            if (output.ValueKind == JsonValueKind.Object
                && (name is null || (output.TryGetProperty("name", out JsonElement own) && own.ValueKind == JsonValueKind.String && own.GetString() == name))) return output;
        }

        throw wire.Wrong(name is null ? "an output" : $"an output '{name}'", "none", rows);
    }

    private static (string?, int) Guess(RemoteModel model, string what, int place, int wanted)
    {
        IReadOnlyList<RemoteTensor> outputs = model.Outputs;
        if (outputs.Count == 0) return wanted == 1 ? (null, 0) : (null, place);
        RemoteTensor[] numbers = [.. outputs.Where(output => output.IsNumber)];
        // One output with so many columns, or so many outputs with one column.
        if (numbers.Length == 1 && RowWidth(numbers[0]) == wanted) return (numbers[0].Name, place);
        if (numbers.Length == 1 && wanted == 1 && RowWidth(numbers[0]) < 0) return (numbers[0].Name, 0);
        if (numbers.Length == wanted && Array.TrueForAll(numbers, output => RowWidth(output) is 1 or -1)) return (numbers[place].Name, 0);
        string found = string.Join(", ", outputs.Select(output => output.Say()));
        if (numbers.Length == 0) throw model.Wire.Wrong($"an output of numbers for {what}", found);
        throw new ArgumentException($"Expected the options to name the output for {what}, since the model leaves a choice: {found}.");
    }

    private static (string?, int) Named(RemoteModel model, string what, RemoteOutput chosen)
    {
        if (chosen.Column < 0) throw new ArgumentOutOfRangeException(nameof(chosen), chosen.Column, $"Expected a column of 0 or more for {what}, got {chosen.Column}.");
        if (model.Outputs.Count == 0) return (chosen.Name, chosen.Column);
        RemoteTensor? output = chosen.Name is null ? model.Outputs[0] : model.Outputs.FirstOrDefault(output => output.Name == chosen.Name);
        string found = string.Join(", ", model.Outputs.Select(o => o.Say()));
        if (output is null) throw new ArgumentException($"Expected an output '{chosen.Name}' for {what}, got {found}.", nameof(chosen));
        if (!output.IsNumber) throw new ArgumentException($"Expected an output of numbers for {what}, got {output.Say()}.", nameof(chosen));
        if (RowWidth(output) is > 0 and var width && chosen.Column >= width) throw new ArgumentException($"Expected a column below {width} for {what}, got {chosen.Column} of {output.Say()}.", nameof(chosen));
        return (output.Name, chosen.Column);
    }

    /// <summary>Numbers per row as the metadata tell; −1: any; 0: it is no table.</summary>
    public static int RowWidth(RemoteTensor output) => output.Shape.Count switch
    {
        1 => 1,
        2 => (int)Math.Min(output.Shape[1], int.MaxValue),
        _ => 0,
    };
}
