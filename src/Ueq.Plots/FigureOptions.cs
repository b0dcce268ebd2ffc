namespace Ueq.Plots;

/// <summary>What a figure says around its data, and how large it is.</summary>
public sealed record FigureOptions
{
    /// <summary>The line above the figure. Default: <c>null</c>, what the figure shows in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>What is predicted or measured, with its unit, such as "price (1,000 €)". Default: <c>null</c>, the kind of number.</summary>
    public string? Quantity { get; init; }

    /// <summary>What is counted along the horizontal axis. Default: <c>null</c>, "row" or what the figure counts.</summary>
    public string? Horizontal { get; init; }

    /// <summary>Pixels across: 300 to 10,000. Default: 1,200.</summary>
    public int Width { get; init; } = 1200;

    /// <summary>Pixels down: 200 to 10,000. Default: 700.</summary>
    public int Height { get; init; } = 700;

    internal static FigureOptions Default { get; } = new();

    internal void Validate()
    {
        if (Width is < 300 or > 10_000) Throw.OutOfRange(nameof(Width), Width, "300 to 10,000 pixels across");
        if (Height is < 200 or > 10_000) Throw.OutOfRange(nameof(Height), Height, "200 to 10,000 pixels down");
    }
}
