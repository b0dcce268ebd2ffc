using Ueq.Samples;

// A client: dotnet run --project samples/Client -- FILE.csv URL…, against 'ueq serve --demo' with data/reg-diabetes/data.csv.
if (args is not [string file, .. { Length: > 0 } urls])
{
    Console.Error.WriteLine("Usage: dotnet run --project samples/Client -- FILE.csv http://127.0.0.1:5000 [http://…]");
    return 2;
}

await ClientCalls.Run([.. urls.Select(url => new Uri(url))], file, Console.Out);
return 0;
