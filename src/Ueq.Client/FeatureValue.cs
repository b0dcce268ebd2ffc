using System.Globalization;

namespace Ueq.Client;

/// <summary>One value of a row: a number, a text of a categorical column, or missing. <c>default</c> is missing.</summary>
/// <remarks>Numbers and texts become one by themselves: <c>FeatureValue[] row = [59, "red", FeatureValue.Missing]</c>.</remarks>
public readonly record struct FeatureValue
{
    private readonly double _number;
    private readonly bool _isNumber;

    private FeatureValue(double number)
    {
        _isNumber = !double.IsNaN(number);
        _number = _isNumber ? number : 0;
    }

    private FeatureValue(string? text) => Text = text;

    /// <summary>The missing value, for columns that allow it.</summary>
    public static FeatureValue Missing => default;

    /// <summary>The text; <c>null</c> of a number and of the missing value.</summary>
    public string? Text { get; }

    /// <summary>The number; NaN of a text and of the missing value.</summary>
    public double Number => _isNumber ? _number : double.NaN;

    /// <summary>Whether there is no value.</summary>
    public bool IsMissing => !_isNumber && Text is null;

    /// <summary>A number; NaN is the missing value.</summary>
    public static implicit operator FeatureValue(double number) => new(number);

    /// <summary>A text; <c>null</c> is the missing value.</summary>
    public static implicit operator FeatureValue(string? text) => new(text);

    /// <summary>A number; NaN is the missing value.</summary>
    public static FeatureValue FromDouble(double number) => number;

    /// <summary>A text; <c>null</c> is the missing value.</summary>
    public static FeatureValue FromString(string? text) => text;

    /// <inheritdoc/>
    public override string ToString() => Text ?? (_isNumber ? _number.ToString("R", CultureInfo.InvariantCulture) : "missing");
}
