// Package config holds what the controllers' command line says about artifacts.
package config

import (
	"time"

	"github.com/spf13/pflag"
)

// Options are the flags of the artifact store.
type Options struct {
	StoragePath              string
	StorageAddress           string
	StorageAdvAddress        string
	ArtifactRetentionTTL     time.Duration
	ArtifactRetentionRecords int
	ArtifactDigestAlgo       string
}

// BindFlags adds the flags under the names that source-controller documents.
func (o *Options) BindFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.StoragePath, "storage-path", "", "folder of the artifacts")
	flags.StringVar(&o.StorageAddress, "storage-addr", ":9090", "address that the artifacts are served on")
	flags.StringVar(&o.StorageAdvAddress, "storage-adv-addr", "", "address that stands in the artifacts' URLs")
	flags.DurationVar(&o.ArtifactRetentionTTL, "artifact-retention-ttl", time.Minute, "how long old artifacts are kept")
	flags.IntVar(&o.ArtifactRetentionRecords, "artifact-retention-records", 2, "how many artifacts are kept")
	flags.StringVar(&o.ArtifactDigestAlgo, "artifact-digest-algo", "sha256", "algorithm of the artifacts' digests")
}
