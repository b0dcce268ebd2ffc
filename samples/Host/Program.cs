using Ueq.MLNet;
using Ueq.Samples;
using Ueq.Serving;
using Ueq.Versions;

// A host of your own: dotnet run --project samples/Host -- DIR, where DIR is what 'ueq fit --output DIR' wrote.
if (args is not [string directory])
{
    Console.Error.WriteLine("Usage: dotnet run --project samples/Host -- DIR");
    return 2;
}

await OwnHost.Build(new UeqServiceConfig(), VersionDirectory.Load(directory, [new MLNetFormat()])).RunAsync();
return 0;
