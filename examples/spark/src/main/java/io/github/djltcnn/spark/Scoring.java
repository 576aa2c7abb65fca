/*
 * Copyright 2026 The djl-tcnn authors
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package io.github.djltcnn.spark;

import ai.djl.Model;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;

/** Scores the batches of a partition, on an executor. */
final class Scoring implements FlatMapFunction<Iterator<List<String>>, Row> {

    private static final long serialVersionUID = 1L;

    private final Broadcast<ModelSource> source;
    private final LongAccumulator loads;

    Scoring(JavaSparkContext spark, ModelSource source) {
        this.source = spark.broadcast(source);
        loads = spark.sc().longAccumulator("models loaded");
    }

    /** How many models the executors have loaded for tasks that came to their end. */
    long loads() {
        return loads.value();
    }

    @Override
    public Iterator<Row> call(Iterator<List<String>> batches) throws Exception {
        Model model = ExecutorModels.get(source.value(), () -> loads.add(1));
        List<Row> rows = new ArrayList<>();
        try (PictureScorer scorer = new PictureScorer(model, SparkHadoopUtil.get().conf())) {
            while (batches.hasNext()) {
                scorer.score(batches.next()).forEach(score -> rows.add(score.toRow()));
            }
        }
        return rows.iterator();
    }
}
