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

import java.io.Serializable;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a model says of a picture.
 *
 * @param path the picture
 * @param label the likeliest class; null if the picture could not be read
 * @param probability its probability; null if the picture could not be read
 * @param probabilities the probabilities of all classes; null if the picture could not be read
 * @param error why the picture could not be read; null if it could
 */
record Score(
        String path,
        String label,
        Float probability,
        Map<String, Float> probabilities,
        String error)
        implements Serializable {

    /** The columns of a row. */
    static final StructType SCHEMA =
            new StructType()
                    .add("path", DataTypes.StringType, false)
                    .add("label", DataTypes.StringType, true)
                    .add("probability", DataTypes.FloatType, true)
                    .add(
                            "probabilities",
                            DataTypes.createMapType(
                                    DataTypes.StringType, DataTypes.FloatType, false),
                            true)
                    .add("error", DataTypes.StringType, true);

    static Score failed(String path, String error) {
        return new Score(path, null, null, null, error);
    }

    Row toRow() {
        return RowFactory.create(
                path,
                label,
                probability,
                probabilities == null ? null : CollectionConverters.asScala(probabilities),
                error);
    }

    static Score of(Row row) {
        return new Score(
                row.getString(0),
                row.getString(1),
                row.isNullAt(2) ? null : (Float) row.getFloat(2),
                row.isNullAt(3) ? null : row.getJavaMap(3),
                row.getString(4));
    }
}
